/* The page's words: a data block from the server, one language, looked up by key. */
const block = document.getElementById("words");
const words = block ? JSON.parse(block.textContent) : {};

export const language = document.documentElement.lang || "ru";

/** The text of `key` with its `{placeholders}` filled; the key itself where there is no text. */
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** One of three languages of a text of the hall; values that are no texts stay as they are. */
export function local(text) {
  return text !== null && typeof text === "object" ? (text[language] ?? text.ru ?? "") : (text ?? "");
}

/** Minutes and seconds for a clock: 0:13. */
export function clockText(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
