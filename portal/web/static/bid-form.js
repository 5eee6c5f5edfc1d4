/*
 * The bid's form as it stands on this page: its fields, what can be judged while typing, and what is missing.
 * Nothing here touches the network; whatever was typed stays on this device until it is sealed.
 */

import * as papers from "./bid-papers.js";

export const form = document.getElementById("bid");
export const terms = JSON.parse(form.dataset.terms);
const says = JSON.parse(form.dataset.says);
const rules = JSON.parse(form.dataset.rules || "null");
const LARGEST_STAFF = 999_999;

export const at = (id) => document.getElementById(id);
export const say = (key, figures = {}) => says[key].replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);
export const show = (id, shown = true) => { at(id).hidden = !shown; };
export const pilot = terms.subject.split(":")[1];
const textAreas = () => form.querySelectorAll("textarea[data-words]");
const partFields = () => form.querySelectorAll("[data-part]");

export function fields() {
  const found = {};
  for (const field of form.querySelectorAll("[name]")) found[field.name] = field.type === "checkbox" ? field.checked : field.value;
  return found;
}

export function fill(values) {
  for (const field of form.querySelectorAll("[name]")) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.type === "checkbox") field.checked = value === true; else field.value = value;
  }
  refresh();
}

/* ---- what can be judged while typing ---- */

export function refresh() {
  for (const area of textAreas()) {
    const n = papers.countWords(area.value);
    const counter = at(`${area.id}-count`);
    counter.textContent = say(n > area.dataset.words ? "too_many" : "counted", { n, limit: area.dataset.words });
    counter.classList.toggle("over", n > area.dataset.words);
  }
  if (partFields().length) addUp();
  if (rules) judge();
}

function addUp() {
  const price = papers.sumOf(papers.partsOf(fields(), terms));
  const over = price > terms.budget_minor;
  at("price-total").textContent = say(over ? "total_above" : "total", { n: Number.isNaN(price) ? "…" : papers.written(price, terms) });
  at("price-total").classList.toggle("over", over);
}

function judge() {
  const { place, months, founded, staff } = fields();
  const number = (text) => (/^[0-9]+$/.test(text) ? Number(text) : NaN);
  const facts = { place, founded, months: number(months), staff: number(staff) };
  const judged = papers.judge(rules, facts, terms.closes);
  for (const [rule, met] of Object.entries(judged)) {
    const row = form.querySelector(`[data-rule="${rule}"]`);
    row.className = met === null ? "unknown" : met ? "met" : "unmet";
    row.querySelector(".mark").textContent = met === null ? say("unknown") : met ? say("met") : say("unmet");
    const fix = rule === "eligibility-min-months" ? say("fix_months", { n: rules.min_months - (facts.months || 0) }) : rules.fixes[rule];
    row.querySelector(".fix").textContent = met === false ? fix : "";
  }
  const all = Object.values(judged);
  at("allowed").textContent = all.includes(false) ? say("not_allowed") : all.includes(null) ? say("allowed_unknown") : say("allowed");
}

/* What is still missing, in the order of the form: [{id, words}]. */
export function problems(firm) {
  const found = [];
  const add = (id, key, figures) => found.push({ id, words: say(key, figures) });
  const given = fields();
  if (!given.place) add("place", "need_place");
  if (!/^[0-9]{1,4}$/.test(given.months) || Number(given.months) > 2400) add("months", "need_months");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(given.founded)) add("founded", "need_founded");
  if (!/^[1-9][0-9]*$/.test(given.staff) || Number(given.staff) > LARGEST_STAFF) add("staff", "need_staff");
  if (form.querySelector("[data-rule].unmet")) add("place", "need_eligible");
  if (!firm) add("key", "need_firm");
  for (const area of textAreas()) {
    const n = papers.countWords(area.value);
    const name = area.dataset.title;
    if (!n) add(area.id, "need_words", { title: name });
    else if (n > area.dataset.words) add(area.id, "need_fewer", { title: name, n, limit: area.dataset.words });
  }
  if (!/^[0-9]{0,2}$/.test(given.learner_places) || Number(given.learner_places) > 50) add("learner_places", "need_learners");
  const parts = papers.partsOf(given, terms);
  parts.forEach((price, part) => { if (Number.isNaN(price)) add(`part-${part + 1}`, "need_price", { title: at(`part-${part + 1}`).dataset.title }); });
  if (papers.sumOf(parts) > terms.budget_minor) add("part-1", "price_above", { n: papers.written(terms.budget_minor, terms) });
  if (!papers.clean(given.contact)) add("contact", "need_contact");
  if (given.no_conflict !== true) add("no_conflict", "need_conflict");
  return found;
}

export function complain(rows, heading) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const line of form.querySelectorAll(".error")) line.textContent = "";
  const summary = at("summary");
  summary.hidden = rows.length === 0;
  if (!rows.length) return;
  at("summary-head").textContent = heading;
  at("summary-list").replaceChildren(...rows.map(({ id, words }) => {
    const item = document.createElement("li");
    const field = id && at(id);
    if (field) {
      field.setAttribute("aria-invalid", "true");
      const line = at(`${id}-error`);
      if (line) line.textContent = words;
      const link = document.createElement("a");
      link.href = `#${id}`;
      link.textContent = words;
      link.addEventListener("click", (event) => { event.preventDefault(); field.focus(); });
      item.append(link);
    } else {
      item.textContent = words;
    }
    return item;
  }));
  summary.focus();
}
