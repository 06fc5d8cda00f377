"""One call to an endpoint that misbehaves: what it is called, how often it is asked, and what is counted."""

import socket
from contextlib import closing
from typing import Annotated

import pytest
from openai import AsyncOpenAI
from pydantic import Field

from agent.errors import ModelRefused, ModelUnavailable, ModelUnparsable, TurnBudgetSpent
from agent.llm.model import Meter, Prompt, Shape
from agent.llm.openai import ATTEMPTS, OpenAIModel
from agent.turn import Usage
from tests.fakes.endpoint import (
    FAULTS,
    REFUSED,
    UNAVAILABLE,
    UNPARSABLE,
    Endpoint,
    NeverEnds,
    Pauses,
    cuts_off,
    fails,
    hangs,
    says,
    sends,
)

PROMPT = Prompt("colour", system="Name a colour.", user="<message>sky</message>", max_tokens=50)
BLUE = says({"title": "blue"})
SHORT = 0.3
"""Seconds that a call may take where it is to hang."""


class Colour(Shape):
    title: Annotated[str, Field(max_length=20)]


async def ask(endpoint: Endpoint, meter: Meter | None = None, timeout_seconds: float = 60) -> str:
    async with endpoint.model(timeout_seconds=timeout_seconds) as model:
        return (await model.ask(PROMPT, Colour, meter or Meter())).title


@pytest.mark.parametrize("fault", UNAVAILABLE)
async def test_an_endpoint_that_goes_on_failing_is_unavailable_after_three_requests_at_most(fault: str):
    endpoint, meter = Endpoint(UNAVAILABLE[fault]), Meter()
    with pytest.raises(ModelUnavailable):
        await ask(endpoint, meter, timeout_seconds=SHORT if fault == "timeout" else 60)
    # On a busy machine the call may be over before the endpoint has read its request.
    assert len(endpoint.bodies) <= meter.usage.calls <= ATTEMPTS


@pytest.mark.parametrize("fault", UNPARSABLE)
async def test_an_answer_that_is_none_is_asked_for_once_more_and_no_oftener(fault: str):
    endpoint, meter = Endpoint(UNPARSABLE[fault]), Meter()
    with pytest.raises(ModelUnparsable):
        await ask(endpoint, meter)
    assert len(endpoint.bodies) == meter.usage.calls == 2


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_refusal_stands(fault: str):
    endpoint = Endpoint(REFUSED[fault], BLUE)
    with pytest.raises(ModelRefused):
        await ask(endpoint)
    assert len(endpoint.bodies) == 1


@pytest.mark.parametrize("fault", sorted({*UNAVAILABLE, *UNPARSABLE} - {"timeout", "rate_limited_for_an_hour"}))
async def test_a_fault_that_passes_costs_one_more_request(fault: str):
    endpoint = Endpoint(FAULTS[fault], BLUE)
    assert await ask(endpoint) == "blue"
    assert len(endpoint.bodies) == 2


async def test_a_reply_without_an_end_is_left_while_it_comes():
    endless = NeverEnds()
    with pytest.raises(ModelUnparsable):
        await ask(Endpoint(endless))
    assert 0 < endless.sent < endless.whole


async def test_the_repair_after_a_megabyte_stays_small():
    endpoint = Endpoint(UNPARSABLE["one_megabyte"], BLUE)
    await ask(endpoint)
    assert sum(len(message["content"]) for message in endpoint.bodies[1]["messages"]) < 2000


async def test_faults_of_several_kinds_share_the_three_requests():
    endpoint = Endpoint(fails(500), says("{]"), fails(500), BLUE)
    with pytest.raises(ModelUnavailable):
        await ask(endpoint)
    assert len(endpoint.bodies) == ATTEMPTS


async def test_what_retry_after_asks_for_is_waited():
    endpoint = Endpoint(fails(429, headers={"Retry-After": "3"}), BLUE)
    await ask(endpoint)
    assert endpoint.pauses.seconds == [3.0]


async def test_a_pause_beyond_the_deadline_is_not_begun():
    endpoint = Endpoint(fails(429, headers={"Retry-After": "15"}), BLUE)
    with pytest.raises(ModelUnavailable):
        await ask(endpoint, timeout_seconds=10)
    assert endpoint.pauses.seconds == []


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "-1", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_retry_after_that_makes_no_sense_is_waited_for_no_longer_than_our_own(value: str):
    endpoint = Endpoint(fails(429, headers={"Retry-After": value}), BLUE)
    try:
        await ask(endpoint)
    except ModelUnavailable:
        assert endpoint.pauses.seconds == []
    else:
        assert len(endpoint.pauses.seconds) == 1
        assert 0 <= endpoint.pauses.seconds[0] <= 0.5


async def test_a_hanging_endpoint_is_left_and_its_prompt_counted():
    meter = Meter()
    with pytest.raises(ModelUnavailable, match="no answer within"):
        await ask(Endpoint(hangs), meter, timeout_seconds=SHORT)
    assert meter.usage.calls == 1
    assert meter.usage.input_tokens > 0


async def test_a_cut_reply_is_counted_and_a_rejected_request_is_not():
    cut, rejected = Meter(), Meter()
    for endpoint, meter in ((Endpoint(cuts_off), cut), (Endpoint(fails(500)), rejected)):
        with pytest.raises(ModelUnavailable):
            await ask(endpoint, meter)
    assert cut.usage.input_tokens > 0
    assert rejected.usage == Usage(ATTEMPTS, 0, 0)


async def test_a_machine_that_takes_no_connection_is_tried_three_times_within_the_deadline():
    with closing(socket.socket()) as listener, closing(socket.socket()) as filler:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        filler.connect(listener.getsockname())  # the queue is full: the kernel leaves the next ones without an answer
        url = "http://{}:{}/v1".format(*listener.getsockname())
        meter = Meter()
        async with AsyncOpenAI(api_key="none", base_url=url) as client:
            model = OpenAIModel(client, "small", connect_seconds=0.2, pause=Pauses())
            with pytest.raises(ModelUnavailable, match="no connection"):
                await model.ask(PROMPT, Colour, meter)
    assert meter.usage == Usage(ATTEMPTS, 0, 0)  # nothing was sent, so nothing is charged


async def test_an_endpoint_that_does_not_count_is_counted_for():
    meter = Meter()
    await ask(Endpoint(says({"title": "blue"}, usage=None)), meter)
    assert meter.usage.input_tokens > 10
    assert meter.usage.output_tokens > 3


async def test_a_request_that_could_pass_the_budget_is_not_made():
    endpoint, meter = Endpoint(BLUE), Meter(budget=40)
    with pytest.raises(TurnBudgetSpent):
        await ask(endpoint, meter)
    assert endpoint.bodies == []
    assert isinstance(meter.turned_away, TurnBudgetSpent)


async def test_retries_are_paid_from_the_same_budget():
    endpoint = Endpoint(says("{]", usage=(150, 50)))
    meter = Meter(budget=300)
    with pytest.raises(TurnBudgetSpent):
        await ask(endpoint, meter)
    assert len(endpoint.bodies) == 1
    assert meter.usage.input_tokens + meter.usage.output_tokens <= 300


async def test_an_empty_body_with_a_good_status_is_not_taken_for_an_answer():
    with pytest.raises(ModelUnparsable):
        await ask(Endpoint(sends("")))
