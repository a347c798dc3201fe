// The form of a help page: one row from its fields, or the rows of a CSV file, and the answer as a table.
"use strict";

const form = document.getElementById("try");
const said = document.getElementById("said");
const answer = document.getElementById("answer");

function rowsOfCsv(text) {
  const rows = [[]];
  let cell = "", quoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const sign = text[place];
    if (quoted) {
      if (sign === '"' && text[place + 1] === '"') { cell += '"'; place += 1; }
      else if (sign === '"') { quoted = false; }
      else { cell += sign; }
    } else if (sign === '"') { quoted = true; }
    else if (sign === ",") { rows[rows.length - 1].push(cell); cell = ""; }
    else if (sign === "\n") { rows[rows.length - 1].push(cell.replace(/\r$/, "")); cell = ""; rows.push([]); }
    else { cell += sign; }
  }
  rows[rows.length - 1].push(cell);
  return rows.filter((row) => row.length > 1 || row[0] !== "");
}

async function inputs() {
  const found = {};
  for (const field of form.querySelectorAll("[data-input]")) {
    const table = found[field.dataset.input] ??= { ColumnNames: [], Values: [[]] };
    table.ColumnNames.push(field.dataset.column);
    table.Values[0].push(field.value === "" ? null : field.value);
  }
  for (const field of form.querySelectorAll("[data-csv]")) {
    if (field.files.length) {
      const [head, ...rows] = rowsOfCsv((await field.files[0].text()).replace(/^\ufeff/, ""));
      found[field.dataset.csv] = { ColumnNames: head, Values: rows };
    }
  }
  return found;
}

function tableOf(name, value) {
  const table = document.createElement("table");
  table.createCaption().textContent = name;
  const head = table.createTHead().insertRow();
  for (const column of value.ColumnNames) {
    const cell = document.createElement("th");
    cell.textContent = column;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of value.Values) {
    const line = body.insertRow();
    for (const cell of row) { line.insertCell().textContent = cell ?? ""; }
  }
  return table;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.replaceChildren();
  said.textContent = "Calling ...";
  const parameters = {};
  for (const field of form.querySelectorAll("[data-parameter]")) {
    if (field.value !== "") { parameters[field.dataset.parameter] = field.value; }
  }
  try {
    const reply = await fetch(`${form.dataset.address}/execute?api-version=2.0&details=true`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Authorization: `Bearer ${document.getElementById("key").value.trim()}`,
      },
      body: JSON.stringify({ Inputs: await inputs(), GlobalParameters: parameters }),
    });
    const told = await reply.json();
    if (reply.ok) {
      said.textContent = "Answered.";
      for (const [name, result] of Object.entries(told.Results)) { answer.append(tableOf(name, result.value)); }
    } else {
      said.textContent = `${reply.status} ${told.error.code}`;
      const text = document.createElement("pre");
      text.textContent = told.error.details.map((detail) => detail.message).join("\n");
      answer.append(text);
    }
  } catch (error) {
    said.textContent = `The call did not get through: ${error}`;
  }
});
