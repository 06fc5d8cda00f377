"""Requests for consent in Slack: posted, pressed, and settled."""

from decimal import Decimal

from slack_sdk.errors import SlackApiError

from agent.turn import Language
from bot.inbox.items import ConsentGiven, control_lane
from bot.replies import Replies
from bot.slack.action_ids import language_of_block
from bot.slack.clicks import click_of
from bot.slack.client import PatientClient, error_code
from bot.slack.desk import GONE, Desk, Posted
from bot.slack.draft import keep_place
from bot.slack.fields import Body
from bot.slack.messages.consent import render_consent_given, render_consent_request
from bot.surface import Place


class SlackConsentRequests:
    """`bot.consents.gate.ConsentRequests`."""

    def __init__(self, desk: Desk, replies: Replies) -> None:
        self._desk = desk
        self._replies = replies

    async def post(self, place: Place, *, may_exist: bool) -> None:
        request = render_consent_request(place.turn_id, place.language)
        posted = await self._standing(place, may_exist=may_exist)
        if posted is None:
            posted = await self._desk.post(place, request)
        else:
            posted = await self._desk.replace(place, posted, request)
        await keep_place(self._replies, place, posted)

    async def _standing(self, place: Place, *, may_exist: bool) -> Posted | None:
        """An earlier attempt's request, or the sign that the question is queued."""
        reply = await self._replies.find(place.turn_id)
        if reply is not None and reply.ts is not None:
            return Posted(reply.channel, reply.ts)
        return await self._desk.find(place) if may_exist else None


class SlackConsentFaces:
    """`bot.consents.service.ConsentFaces`."""

    def __init__(self, client: PatientClient) -> None:
        self._client = client

    async def show(self, channel: str, ts: str, given_by: str, language: Language) -> None:
        message = render_consent_given(given_by, language)
        try:
            await self._client.chat_update(channel=channel, ts=ts, text=message.text, blocks=list(message.blocks))
        except SlackApiError as error:
            if error_code(error) not in GONE:
                raise


def consent_from_click(body: Body, arrived: Decimal) -> ConsentGiven:
    """Allow, below a request for consent; the button carries the turn that waits. Pure."""
    click = click_of(body)
    return ConsentGiven(
        dedupe_key=f"click:{click.key}",
        conversation=control_lane(f"consent:{click.team}:{click.channel}"),
        spoken_at=arrived,
        turn_id=click.value,
        channel=click.channel,
        thread_ts=click.thread_ts,
        card_ts=click.message_ts,
        user=click.user,
        language=language_of_block(click.block),
    )
