// The few emoji names that bots and people use here; an unknown name stays as it was written.

const EMOJI = {
  __proto__: null,
  "+1": "👍", "-1": "👎", tada: "🎉", bar_chart: "📊", bell: "🔔", bulb: "💡", chart_with_upwards_trend: "📈", clock3: "🕒",
  eyes: "👀", fire: "🔥", gear: "⚙️", hourglass: "⌛", hourglass_flowing_sand: "⏳", information_source: "ℹ️",
  lock: "🔒", mag: "🔍", money_with_wings: "💸", moneybag: "💰", no_entry: "⛔", no_entry_sign: "🚫",
  octagonal_sign: "🛑", ok_hand: "👌", party_popper: "🎉", pencil2: "✏️", question: "❓", raised_hands: "🙌",
  robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", smile: "😄", sparkles: "✨", speech_balloon: "💬", stopwatch: "⏱️",
  wastebasket: "🗑️", thinking_face: "🤔", thumbsdown: "👎", thumbsup: "👍", warning: "⚠️", wave: "👋", white_check_mark: "✅",
  x: "❌", zap: "⚡",
};

export const QUICK = ["+1", "white_check_mark", "x"];
export const ALL = Object.keys(EMOJI).filter((name, index, names) => names.findIndex((other) => EMOJI[other] === EMOJI[name]) === index);

export function emoji(name) {
  return EMOJI[name] ?? `:${name}:`;
}
