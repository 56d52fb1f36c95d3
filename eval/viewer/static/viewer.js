/**
 * What pages of the viewer do beyond showing: keys, colours, following a run, transcripts and the SQL box.
 *
 * Contract: every page works without this file. It loads nothing from elsewhere, and puts texts into pages as texts only.
 */

/** Pause between two looks at a run that is going on, ms. */
const WATCH_MS = 2000;
/** Pause after which the first of two keys is forgotten, ms. */
const KEY_MS = 1200;
/** Statements that the browser remembers. */
const MOST_STATEMENTS = 50;

const THEME = "whet.theme";
const HISTORY = "whet.sql";

function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be switched off
  }
}

function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}

function say(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}

// Colours: the system's, or those that were chosen.
const THEMES = ["system", "light", "dark"];

function applyTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  const button = document.getElementById("theme");
  if (button) {
    button.hidden = false;
    button.textContent = `Colours: ${theme}`;
    button.title = "t";
  }
}

function nextTheme() {
  const now = stored(THEME) ?? "system";
  const theme = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  store(THEME, theme === "system" ? null : theme);
  applyTheme(theme);
  say(`Colours: ${theme}`);
}

applyTheme(stored(THEME) ?? "system");
document.getElementById("theme")?.addEventListener("click", nextTheme);

// Help.
const help = document.getElementById("help");
const helpButton = document.getElementById("help-open");
if (helpButton) {
  helpButton.hidden = false;
  helpButton.addEventListener("click", () => help.showModal());
}

// Keys.
function isTyping(target) {
  return target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)) &&
    !(target instanceof HTMLInputElement && target.type === "checkbox");
}

function items() {
  return [...document.querySelectorAll("[data-item]")].filter((item) => item.offsetParent !== null);
}

function move(by) {
  const list = items();
  if (list.length === 0) return;
  const row = document.activeElement?.closest("tr");
  const now = list.findIndex((item) => item === document.activeElement || (row && item.closest("tr") === row));
  const next = now < 0 ? (by > 0 ? 0 : list.length - 1) : Math.max(0, Math.min(list.length - 1, now + by));
  list[next].focus();
  list[next].scrollIntoView({ block: "nearest" });
}

function follow(selector) {
  const link = document.querySelector(selector);
  if (link instanceof HTMLAnchorElement) link.click();
}

let first = "";
let firstAt = 0;

document.addEventListener("keydown", (event) => {
  if (help?.open) return;
  const { key } = event;
  if (isTyping(event.target)) {
    if (key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "statement") {
      event.preventDefault();
      event.target.form.requestSubmit();
    } else if (key === "Escape") event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const stretch = event.target instanceof HTMLElement ? event.target.closest(".tokens") : null;
  if (stretch && (key === "ArrowLeft" || key === "ArrowRight")) {
    event.preventDefault();
    moveToken(stretch, key === "ArrowRight" ? 1 : -1);
    return;
  }
  if (first === "g" && event.timeStamp - firstAt < KEY_MS) {
    first = "";
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  first = key;
  firstAt = event.timeStamp;
  const isScrolling = event.target instanceof HTMLElement && event.target.closest("pre, .tokens") !== null;
  const actions = {
    j: () => move(1),
    k: () => move(-1),
    ...(isScrolling ? {} : { ArrowDown: () => move(1), ArrowUp: () => move(-1) }),
    n: () => follow("[data-next]"),
    p: () => follow("[data-previous]"),
    u: () => follow(".trail li:last-child a"),
    t: nextTheme,
    x: () => document.activeElement?.closest("tr")?.querySelector("input[type=checkbox]")?.click(),
    "?": () => help?.showModal(),
    "/": () => document.querySelector("#statement, .filter input:not([type=hidden]), .filter select")?.focus(),
  };
  // Arrows scroll where there is no list to go through.
  if (!Object.hasOwn(actions, key) || (key.startsWith("Arrow") && items().length === 0)) return;
  event.preventDefault();
  actions[key]();
});

// Transcripts: one line tells of the token under the pointer or the cursor.
function tellToken(token) {
  const line = document.getElementById("token");
  if (!line || !token) return;
  const { n, id, l } = token.dataset;
  const text = JSON.stringify(token.textContent);
  line.textContent = l === undefined
    ? `id ${id} at ${n}: ${text} · context, no loss`
    : `id ${id} at ${n}: ${text} · generated, loss · log-probability ${l} nats · p = ${
      Math.exp(Number(l)).toPrecision(3)
    }`;
}

function moveToken(stretch, by) {
  const now = stretch.querySelector(".at");
  const all = stretch.querySelectorAll("[data-n]");
  const index = now ? [...all].indexOf(now) + by : by > 0 ? 0 : all.length - 1;
  const next = all[Math.max(0, Math.min(all.length - 1, index))];
  now?.classList.remove("at");
  next?.classList.add("at");
  next?.scrollIntoView({ block: "nearest" });
  tellToken(next);
}

document.addEventListener("mouseover", (event) => {
  if (event.target instanceof HTMLElement && event.target.dataset.id !== undefined) tellToken(event.target);
});

// Comparison: at least two runs.
const compare = document.querySelector("[data-compare]");
if (compare) {
  const update = () => {
    const marked = document.querySelectorAll('input[name="run"]:checked').length;
    compare.disabled = marked < 2;
    compare.textContent = marked < 2 ? "Compare marked runs" : `Compare ${marked} runs`;
  };
  document.addEventListener("change", update);
  update();
}

// Following a run: the page is fetched again when the small state beside it has changed.
function watch() {
  const main = document.getElementById("main");
  const address = main?.dataset.watch;
  if (!address) return;
  setTimeout(async () => {
    try {
      if (!document.hidden) {
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(String(answer.status));
        const { state, live } = await answer.json();
        if (!live || state !== main.dataset.state) await refresh();
      }
    } catch {
      // The server has ended, or the record is being moved: the next look tells.
    }
    watch();
  }, WATCH_MS);
}

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, fresh] = [document.getElementById("main"), page.getElementById("main")];
  // What the reader is doing is kept: typing, marking and the place in a list.
  if (!fresh || isTyping(document.activeElement) || old.querySelector("input:checked")) return;
  const place = document.activeElement?.getAttribute("href");
  const open = [...old.querySelectorAll("details")].map((details) => details.open);
  old.replaceChildren(...fresh.childNodes);
  old.dataset.state = fresh.dataset.state ?? "";
  if (fresh.dataset.watch) old.dataset.watch = fresh.dataset.watch;
  else delete old.dataset.watch;
  [...old.querySelectorAll("details")].forEach((details, i) => details.open = open[i] ?? details.open);
  if (place) [...old.querySelectorAll("a")].find((link) => link.getAttribute("href") === place)?.focus();
}

watch();

// The SQL box.
const statement = document.getElementById("statement");
if (statement instanceof HTMLTextAreaElement) {
  const past = (() => {
    try {
      const list = JSON.parse(stored(HISTORY) ?? "[]");
      return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
    } catch {
      return [];
    }
  })();
  const ran = new URLSearchParams(location.search).get("q");
  if (ran && document.querySelector("#result [role=status]")) {
    past.splice(0, past.length, ...[ran, ...past.filter((text) => text !== ran)].slice(0, MOST_STATEMENTS));
    store(HISTORY, JSON.stringify(past));
  }
  const history = document.getElementById("history");
  const list = history?.querySelector("ol");
  if (history && list && past.length > 0) {
    history.hidden = false;
    for (const text of past) {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "replace";
      button.dataset.replace = text;
      button.textContent = text;
      item.append(button);
      list.append(item);
    }
    document.getElementById("forget")?.addEventListener("click", () => {
      store(HISTORY, null);
      list.replaceChildren();
      history.hidden = true;
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target instanceof HTMLElement ? event.target.closest("[data-insert], [data-replace]") : null;
    if (!button) return;
    const { insert, replace } = button.dataset;
    if (replace !== undefined) statement.value = replace;
    else {
      const { selectionStart, selectionEnd, value } = statement;
      const gap = selectionStart > 0 && !/[\s(.,]$/.test(value.slice(0, selectionStart)) ? " " : "";
      statement.setRangeText(gap + insert, selectionStart, selectionEnd, "end");
      event.preventDefault();
    }
    statement.focus();
  });
  document.getElementById("sql").addEventListener("submit", () => say("The statement is running"));
}
