// The page: draws what the store holds, whenever it changes.

import { banner } from "./banner.js";
import { modalPane } from "./modal.js";
import { channelPane, threadPane } from "./panes.js";
import { sidebar } from "./sidebar.js";
import { readAddress, state, watch } from "./store.js";
import { troublePanel } from "./trouble.js";
import { connect } from "./wire.js";

const find = (id) => document.getElementById(id);

watch(banner(find("banner")));
watch(sidebar(find("sidebar")));
watch(channelPane(find("channel")));
watch(threadPane(find("thread")));
watch(modalPane(find("modal")));
troublePanel(find("trouble"), find("trouble-opener"));

window.addEventListener("hashchange", () => state.ready && readAddress());
window.addEventListener("focus", () => document.querySelector("[data-composer]")?.focus());
connect();
