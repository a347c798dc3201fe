import { useId, useMemo, useState } from "react";
import type { ColumnRule, Selection } from "../../graph/columns";
import { COLUMN_TYPES, pickedColumns, readSelection, writeSelection } from "../../graph/columns";
import type { Json } from "../../graph/json";
import { t } from "../../i18n/i18n";
import { Button, IconButton } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";

export interface Column {
  name: string;
  type: string;
}

interface Props {
  label: string;
  value: Json | undefined;
  columns: readonly Column[] | undefined;
  isObserved: boolean;
  isOff: boolean;
  onChange: (value: Json) => void;
}

/** A column selection in the pane: what it picks, and the dialog that changes it. */
export function ColumnPicker({ label, value, columns, isObserved, isOff, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const selection = useMemo(() => readSelection(value), [value]);
  return (
    <div className="column-picker">
      <div className="column-summary">{summary(selection)}</div>
      <Button small icon="table" disabled={isOff} onClick={() => setOpen(true)} aria-label={`${t("columns.choose")}: ${label}`}>
        {t("columns.choose")}
      </Button>
      {isOpen && (
        <ColumnDialog
          label={label}
          start={selection}
          columns={columns ?? []}
          isObserved={isObserved}
          onClose={() => setOpen(false)}
          onDone={(next) => {
            setOpen(false);
            onChange(writeSelection(next));
          }}
        />
      )}
    </div>
  );
}

function summary(selection: Selection): string {
  if (selection.form === "names") {
    return selection.names.length ? selection.names.join(", ") : t("columns.none");
  }
  if (!selection.rules.length) return t("columns.none");
  return selection.rules.map(ruleText).join("; ");
}

function ruleText(rule: ColumnRule): string {
  const what =
    rule.ruleType === "AllColumns"
      ? t("columns.all")
      : rule.ruleType === "ColumnTypes"
        ? (rule.columnTypes ?? rule.columnKinds ?? []).join(", ")
        : (rule.columns ?? []).join(", ");
  return `${t(rule.exclude ? "columns.without" : "columns.with")} ${what}`;
}

interface DialogProps {
  label: string;
  start: Selection;
  columns: readonly Column[];
  isObserved: boolean;
  onClose: () => void;
  onDone: (selection: Selection) => void;
}

function ColumnDialog({ label, start, columns, isObserved, onClose, onDone }: DialogProps) {
  const [selection, setSelection] = useState<Selection>(start);
  const picked = useMemo(() => pickedColumns(selection, columns), [selection, columns]);
  return (
    <Dialog
      title={label}
      size="middle"
      onClose={onClose}
      foot={
        <>
          <span className="muted small grow">{t("columns.picked", { count: picked.length })}</span>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <Button look="primary" onClick={() => onDone(selection)}>
            {t("ui.apply")}
          </Button>
        </>
      }
    >
      <div className="stack-3">
        <div className="row" role="radiogroup" aria-label={t("columns.form")}>
          <label className="check">
            <input type="radio" name="form" checked={selection.form === "names"} onChange={() => setSelection({ form: "names", names: picked })} />
            {t("columns.byName")}
          </label>
          <label className="check">
            <input
              type="radio"
              name="form"
              checked={selection.form === "rules"}
              onChange={() =>
                setSelection({
                  form: "rules",
                  rules: picked.length ? [{ ruleType: "ColumnNames", exclude: false, columns: picked }] : [{ ruleType: "AllColumns", exclude: false }],
                })
              }
            />
            {t("columns.byRules")}
          </label>
          {!isObserved && columns.length > 0 && <span className="small muted end">{t("columns.predicted")}</span>}
        </div>
        {selection.form === "names" ? (
          <ByName names={selection.names} columns={columns} onChange={(names) => setSelection({ form: "names", names })} />
        ) : (
          <ByRules rules={selection.rules} columns={columns} onChange={(rules) => setSelection({ form: "rules", rules })} />
        )}
      </div>
    </Dialog>
  );
}

function ByName({ names, columns, onChange }: { names: string[]; columns: readonly Column[]; onChange: (names: string[]) => void }) {
  const [text, setText] = useState("");
  const known = new Set(columns.map((column) => column.name));
  const all: Column[] = [...columns, ...names.filter((name) => !known.has(name)).map((name) => ({ name, type: "" }))];
  const found = all.filter((column) => column.name.toLowerCase().includes(text.toLowerCase()));
  const flip = (name: string) => onChange(names.includes(name) ? names.filter((one) => one !== name) : [...names, name]);
  const isNew = text.trim() !== "" && !all.some((column) => column.name === text.trim());
  return (
    <div className="stack">
      <div className="row">
        <input
          className="input grow"
          type="search"
          value={text}
          placeholder={t("columns.search")}
          aria-label={t("columns.search")}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            const [first] = found;
            if (isNew && !found.length) flip(text.trim());
            else if (first) flip(first.name);
            setText("");
          }}
        />
        <Button small onClick={() => onChange([...new Set([...names, ...found.map((column) => column.name)])])}>
          {t("columns.addShown")}
        </Button>
        <Button small onClick={() => onChange([])}>
          {t("columns.clear")}
        </Button>
      </div>
      <ul className="column-list">
        {found.map((column) => (
          <li key={column.name}>
            <label className="check">
              <input type="checkbox" checked={names.includes(column.name)} onChange={() => flip(column.name)} />
              <span className="cut grow">{column.name}</span>
              <span className="small muted">{column.type || t("columns.unknown")}</span>
            </label>
          </li>
        ))}
        {isNew && (
          <li>
            <Button small icon="plus" onClick={() => flip(text.trim())}>
              {t("columns.addName", { name: text.trim() })}
            </Button>
          </li>
        )}
      </ul>
    </div>
  );
}

function ByRules({ rules, columns, onChange }: { rules: ColumnRule[]; columns: readonly Column[]; onChange: (rules: ColumnRule[]) => void }) {
  const list = useId();
  const set = (place: number, rule: ColumnRule) => onChange(rules.map((one, at) => (at === place ? rule : one)));
  return (
    <div className="stack">
      <datalist id={list}>
        {columns.map((column) => (
          <option key={column.name} value={column.name} />
        ))}
      </datalist>
      <ol className="stack">
        {rules.map((rule, place) => (
          <li key={place} className="row rule">
            <select
              className="select"
              aria-label={t("columns.ruleSense", { number: place + 1 })}
              value={rule.exclude ? "exclude" : "include"}
              disabled={place === 0}
              onChange={(event) => set(place, { ...rule, exclude: event.target.value === "exclude" })}
            >
              <option value="include">{t("columns.include")}</option>
              <option value="exclude">{t("columns.exclude")}</option>
            </select>
            <select
              className="select"
              aria-label={t("columns.ruleKind", { number: place + 1 })}
              value={rule.ruleType}
              onChange={(event) => {
                const ruleType = event.target.value as ColumnRule["ruleType"];
                set(place, { ruleType, exclude: rule.exclude, ...(ruleType === "ColumnTypes" ? { columnTypes: [] } : ruleType === "AllColumns" ? {} : { columns: [] }) });
              }}
            >
              <option value="AllColumns">{t("columns.kindAll")}</option>
              <option value="ColumnNames">{t("columns.kindNames")}</option>
              <option value="ColumnTypes">{t("columns.kindTypes")}</option>
              <option value="ColumnIndexes">{t("columns.kindIndexes")}</option>
            </select>
            {rule.ruleType === "ColumnTypes" ? (
              <select
                className="select grow"
                multiple
                size={4}
                aria-label={t("columns.kindTypes")}
                value={rule.columnTypes ?? []}
                onChange={(event) => set(place, { ...rule, columnTypes: [...event.target.selectedOptions].map((one) => one.value) })}
              >
                {COLUMN_TYPES.map((type) => (
                  <option key={type}>{type}</option>
                ))}
              </select>
            ) : rule.ruleType === "AllColumns" ? (
              <span className="grow" />
            ) : (
              <input
                className="input grow"
                list={rule.ruleType === "ColumnNames" ? list : undefined}
                placeholder={rule.ruleType === "ColumnNames" ? t("columns.namesHint") : "1,3-5"}
                aria-label={t(rule.ruleType === "ColumnNames" ? "columns.kindNames" : "columns.kindIndexes")}
                defaultValue={(rule.columns ?? []).join(", ")}
                onChange={(event) =>
                  set(place, { ...rule, columns: event.target.value.split(",").map((one) => one.trim()).filter(Boolean) })
                }
              />
            )}
            <IconButton small icon="trash" label={t("columns.removeRule", { number: place + 1 })} onClick={() => onChange(rules.filter((_, at) => at !== place))} />
          </li>
        ))}
      </ol>
      <div>
        <Button small icon="plus" onClick={() => onChange([...rules, { ruleType: "ColumnNames", exclude: rules.length > 0, columns: [] }])}>
          {t("columns.addRule")}
        </Button>
      </div>
    </div>
  );
}
