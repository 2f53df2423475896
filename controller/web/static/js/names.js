/* Every deputy's vote by faction, in columns, in the largest letters that the place allows. */
import { LitElement, html } from "../vendored/lit-core.min.js";
import { glyph } from "./shapes.js";
import { local, t } from "./words.js";

const VALUES = ["for", "against", "abstain", "not_voted", "absent"];
const COLUMNS_MAX = 7;
const LETTERS_PX_MAX = 96;
const GLYPH_EM = 1.45;
const GAP_PX = 24;
const TRIES = 7;
const LINE_EM = 1.32;
const LINE_EM_MAX = 1.8;
const LINE_EM_STEP = 0.04;

let pen = null;

function widthEm(text) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = '500 100px "Golos Text"';
  return pen.measureText(text).width / 100;
}

function set(list, columns, size) {
  list.style.setProperty("line-height", String(LINE_EM));
  list.style.setProperty("column-count", String(columns));
  list.style.setProperty("font-size", `${size}px`);
}

/** The largest letters up to `most` with which the list stays inside its box. */
function largest(list, columns, most) {
  let low = 0;
  let high = most;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const size = attempt === 0 ? high : (low + high) / 2;
    set(list, columns, size);
    if (list.scrollWidth <= list.clientWidth + 1 && list.scrollHeight <= list.clientHeight + 1) {
      low = size;
      if (attempt === 0) break;
    } else {
      high = size;
    }
  }
  return low;
}

/** Spreads the lines over what height is left. */
function loosen(list) {
  for (let height = LINE_EM_MAX; height >= LINE_EM; height -= LINE_EM_STEP) {
    list.style.setProperty("line-height", String(height));
    if (list.scrollWidth <= list.clientWidth + 1 && list.scrollHeight <= list.clientHeight + 1) return;
  }
}

export class VoteNames extends LitElement {
  static properties = { snapshot: { attribute: false } };

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this);
    document.fonts.ready.then(() => this.measure());
  }

  disconnectedCallback() {
    this.observer.disconnect();
    super.disconnectedCallback();
  }

  groups() {
    const { deputies, factions, order, vote } = this.snapshot;
    const names = new Map(factions.map((faction) => [faction.id, local(faction.name)]));
    const byId = new Map(deputies.map((deputy) => [deputy.id, deputy]));
    const sorted = order[document.documentElement.lang].map((id) => byId.get(id));
    return vote.result.by_faction
      .map((row) => ({
        row,
        name: names.get(row.faction) ?? t("board.no_faction"),
        deputies: sorted.filter((deputy) => deputy.faction === row.faction),
      }))
      .filter((group) => group.deputies.length > 0);
  }

  /** The number of columns and the letters, as large as the box allows; found by trying. */
  measure() {
    const list = this.querySelector(".names");
    if (!list || !this.clientHeight) return;
    const texts = [...list.querySelectorAll(".name")].map((name) => name.textContent);
    const widest = Math.max(...texts.map(widthEm));
    let best = { columns: 1, size: 0 };
    for (let columns = 1; columns <= COLUMNS_MAX; columns += 1) {
      const byWidth = (this.clientWidth / columns - GAP_PX) / (widest + GLYPH_EM);
      const size = largest(list, columns, Math.min(byWidth, LETTERS_PX_MAX));
      if (size > best.size) best = { columns, size };
    }
    set(list, best.columns, best.size);
    loosen(list);
  }

  updated() {
    const { vote, deputies } = this.snapshot ?? {};
    const key = `${vote?.id}/${vote?.state}/${deputies?.length}`;
    if (key !== this.measured) this.measure();
    this.measured = key;
  }

  render() {
    if (!this.snapshot?.vote?.result) return html``;
    return html`<div class="names" role="group" aria-label=${t("board.names")}>
      ${this.groups().map(
        (group) => html`<section>
          <h3><span>${group.name}</span><span class="tally numbers">${VALUES.filter((value) => group.row[value] > 0).map(
            (value) => html`<span>${glyph(value)}<span class="visually-hidden">${t(`vote.${value}`)}</span>${group.row[value]}</span>`,
          )}</span></h3>
          <ul>${group.deputies.map(
            (deputy) => html`<li data-value=${deputy.value}>${glyph(deputy.value)}<span class="name">${local(deputy.name).short}</span><span class="visually-hidden">${t(`vote.${deputy.value}`)}</span></li>`,
          )}</ul>
        </section>`,
      )}
    </div>`;
  }
}
customElements.define("vote-names", VoteNames);
