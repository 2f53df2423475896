/* Every deputy's vote by faction, in columns, in the largest letters that the place allows. */
import { LitElement, html } from "../vendored/lit-core.min.js";
import { glyph } from "./shapes.js";
import { local, t } from "./words.js";

const VALUES = ["for", "against", "abstain", "not_voted", "absent"];
const ROW_EM = 1.34;
const HEADING_ROWS = 1.75;
const COLUMNS_MAX = 8;

let pen = null;

function widthEm(text) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = '500 100px "Golos Text"';
  return pen.measureText(text).width / 100;
}

/** Columns and letter size (px) in which `rows` rows of `widest` em fit into the box. */
export function fit(rows, widest, width, height) {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= COLUMNS_MAX; columns += 1) {
    const byHeight = height / (Math.ceil(rows / columns + 1) * ROW_EM);
    const byWidth = width / columns / (widest + 2.9);
    const size = Math.min(byHeight, byWidth);
    if (size > best.size) best = { columns, size };
  }
  return best;
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

  measure() {
    const list = this.querySelector(".names");
    if (!list || !this.clientHeight) return;
    const texts = [...list.querySelectorAll(".name")].map((name) => name.textContent);
    const headings = list.querySelectorAll("h3").length;
    const widest = Math.max(...texts.map(widthEm));
    const { columns, size } = fit(texts.length + headings * HEADING_ROWS, widest, this.clientWidth, this.clientHeight);
    list.style.setProperty("column-count", String(columns));
    let letters = size;
    for (let round = 0; round < 24; round += 1) {
      list.style.setProperty("font-size", `${letters}px`);
      if (list.scrollWidth <= list.clientWidth + 1 && list.scrollHeight <= list.clientHeight + 1) break;
      letters *= 0.975;
    }
  }

  updated() {
    this.measure();
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
