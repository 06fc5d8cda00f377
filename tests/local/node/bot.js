// A bot of a few lines on Slack's own clients for Node, as their documentation writes one. Arguments: the address of
// the Web API. What it hears it prints as JSON lines; it ends with its standard input.

import { SocketModeClient } from "@slack/socket-mode";
import { WebClient } from "@slack/web-api";

const [slackApiUrl] = process.argv.slice(2);
const socket = new SocketModeClient({ appToken: process.env.SLACK_APP_TOKEN, clientOptions: { slackApiUrl } });
const web = new WebClient(process.env.SLACK_BOT_TOKEN, { slackApiUrl });
const tell = (heard) => process.stdout.write(`${JSON.stringify(heard)}\n`);

const button = { type: "button", action_id: "press", value: "v", text: { type: "plain_text", text: "Press" } };
const input = { type: "plain_text_input", action_id: "text" };
const form = {
  type: "modal", callback_id: "form",
  title: { type: "plain_text", text: "Form" },
  submit: { type: "plain_text", text: "Send" },
  blocks: [{ type: "input", block_id: "q", label: { type: "plain_text", text: "Question" }, element: input }],
};

socket.on("app_mention", async ({ event, ack, retry_num: retry }) => {
  await ack();
  tell({ heard: "app_mention", text: event.text, retry });
  const place = { channel: event.channel, thread_ts: event.ts };
  await web.chat.postMessage({ ...place, text: "hello", blocks: [{ type: "actions", elements: [button] }] });
  const stream = web.chatStream({ ...place, recipient_team_id: "T0LOCAL", recipient_user_id: event.user, buffer_size: 1 });
  await stream.append({ markdown_text: "**streamed** " });
  await stream.stop({ markdown_text: "to its end" });
  await web.filesUploadV2({ channel_id: event.channel, thread_ts: event.ts, filename: "rows.csv", content: "a,b\n1,2\n" });
});
socket.on("message", async ({ event, ack }) => {
  await ack();
  if (!event.bot_id && !event.subtype) tell({ heard: "message", text: event.text });
});
socket.on("interactive", async ({ body, ack }) => {
  if (body.type !== "view_submission") return ack().then(() => tell({ heard: body.actions[0].value }));
  const { value } = body.view.state.values.q.text;
  await ack(value ? undefined : { response_action: "errors", errors: { q: "Which one?" } });
});
socket.on("slash_commands", async ({ body, ack }) => {
  await ack({ text: `opening ${body.text}` });
  await web.views.open({ trigger_id: body.trigger_id, view: form });
});
socket.on("connected", () => tell({ heard: "connected" }));

process.stdin.on("end", async () => {
  await socket.disconnect();
  process.exit(0);
});
process.stdin.resume();
await socket.start();
