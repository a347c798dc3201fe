import { useEffect, useId, useState } from "react";
import { parameterRef } from "../../graph/edits";
import type { Json } from "../../graph/json";
import type { Parameter } from "../../graph/module";
import { labelOf } from "../../graph/module";
import type { Fault } from "../../graph/values";
import { faultOf, valueOfText } from "../../graph/values";
import { formatNumber, t } from "../../i18n/i18n";
import { IconButton } from "../../ui/Button";
import { DocText } from "../../ui/DocText";
import { Icon } from "../../ui/Icon";
import type { Column } from "./ColumnPicker";
import { ColumnPicker } from "./ColumnPicker";

interface Props {
  parameter: Parameter;
  value: Json | undefined;
  columns: readonly Column[] | undefined;
  isObserved: boolean;
  isOff: boolean;
  onChange: (value: Json | undefined) => void;
  onMenu?: (at: { x: number; y: number }) => void;
}

/** One parameter with its label, its field, what is wrong with its value, and what it is for. */
export function ParameterField({ parameter, value, columns, isObserved, isOff, onChange, onMenu }: Props) {
  const id = useId();
  const label = labelOf(parameter);
  const fault = faultOf(parameter, value);
  const linked = parameterRef(value);
  const given = value ?? parameter.default ?? null;
  const menu = onMenu && (
    <IconButton
      small
      icon="more"
      label={t("parameter.menu", { name: label })}
      onClick={(event) => {
        const rect = event.currentTarget.getBoundingClientRect();
        onMenu({ x: rect.left - 160, y: rect.bottom + 2 });
      }}
    />
  );
  const described = `${id}-hint`;
  if (parameter.type === "bool" && !linked) {
    return (
      <div className="field">
        <div className="row">
          <label className="check grow">
            <input type="checkbox" checked={given === true} disabled={isOff} aria-describedby={described} onChange={(event) => onChange(event.target.checked)} />
            {label}
          </label>
          {menu}
        </div>
        {parameter.doc && (
          <div className="hint" id={described}>
            <DocText text={parameter.doc} />
          </div>
        )}
      </div>
    );
  }
  return (
    <div className="field">
      <div className="row">
        <label htmlFor={id} className="grow">
          {label}
          {parameter.required && <span className="muted"> {t("parameter.required")}</span>}
        </label>
        {menu}
      </div>
      {linked ? (
        <div className="chip linked">
          <Icon name="link" size={13} /> {t("parameter.linked", { name: linked })}
        </div>
      ) : parameter.type === "columns" ? (
        <ColumnPicker label={label} value={value} columns={columns} isObserved={isObserved} isOff={isOff} onChange={onChange} />
      ) : parameter.choices?.length ? (
        <select id={id} className="select" value={String(given ?? "")} disabled={isOff} aria-invalid={fault !== null} aria-describedby={described} onChange={(event) => onChange(event.target.value)}>
          {!parameter.choices.includes(String(given ?? "")) && <option value={String(given ?? "")}>{given === null ? t("parameter.notSet") : String(given)}</option>}
          {parameter.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <TextField id={id} parameter={parameter} value={given} isOff={isOff} isBad={fault !== null} described={described} onChange={onChange} />
      )}
      {fault && (
        <div className="fault">
          <Icon name="warning" size={13} />
          {faultText(fault)}
        </div>
      )}
      {parameter.doc && (
        <div className="hint" id={described}>
          <DocText text={parameter.doc} />
        </div>
      )}
    </div>
  );
}

interface TextProps {
  id: string;
  parameter: Parameter;
  value: Json;
  isOff: boolean;
  isBad: boolean;
  described: string;
  onChange: (value: Json | undefined) => void;
}

function TextField({ id, parameter, value, isOff, isBad, described, onChange }: TextProps) {
  const shown = value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const [text, setText] = useState(shown);
  // follow undo and redo, and leave alone what is being typed: 1. and 1 are the same number
  useEffect(() => {
    setText((before) => (valueOfText(parameter, before) === value ? before : shown));
  }, [shown, value, parameter]);
  const isNumber = parameter.type === "int" || parameter.type === "float";
  return (
    <input
      id={id}
      className={`input ${isNumber ? "numeric" : ""}`}
      type={parameter.type === "secret" ? "password" : "text"}
      inputMode={isNumber ? "decimal" : undefined}
      autoComplete="off"
      spellCheck={false}
      value={text}
      disabled={isOff}
      aria-invalid={isBad}
      aria-describedby={described}
      onChange={(event) => {
        setText(event.target.value);
        onChange(valueOfText(parameter, event.target.value));
      }}
    />
  );
}

export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case "required":
      return t("fault.required");
    case "whole":
      return t("fault.whole");
    case "number":
      return t("fault.number");
    case "choice":
      return t("fault.choice", { choices: fault.choices.join(", ") });
    case "least":
      return t("fault.least", { bound: formatNumber(fault.bound) });
    case "greatest":
      return t("fault.greatest", { bound: formatNumber(fault.bound, 10) });
  }
}
