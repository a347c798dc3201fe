import { useEffect, useId, useMemo, useRef, useState } from "react";
import { t } from "../i18n/i18n";

export interface Choice {
  key: string;
  title: string;
  note?: string;
  words?: string;
}

interface Props {
  label: string;
  choices: Choice[];
  at?: { x: number; y: number };
  onChoose: (choice: Choice) => void;
  onClose: () => void;
}

/** A small list with a search field: quick add on the canvas, and the ports a link may go to. */
export function Pick({ label, choices, at, onChoose, onClose }: Props) {
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const found = useMemo(() => matching(choices, text).slice(0, 60), [choices, text]);
  const chosen = found[Math.min(place, found.length - 1)];
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  return (
    <div
      className="quick"
      style={at ? { left: at.x, top: at.y } : { left: "50%", top: 40, transform: "translateX(-50%)" }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onClose();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "ArrowDown") setPlace(Math.min(place + 1, found.length - 1));
        else if (event.key === "ArrowUp") setPlace(Math.max(place - 1, 0));
        else if (event.key === "Enter" && chosen) onChoose(chosen);
        else if (event.key === "Escape") onClose();
        else return;
        event.preventDefault();
      }}
    >
      <input
        className="input"
        // the list is asked for by a key or a drop: the next thing typed belongs here, also when a dialog that opens
        // with it would give the focus to its first button (which asks for the attribute, not for React's autoFocus)
        ref={(field) => {
          field?.setAttribute("autofocus", "");
          field?.focus();
        }}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${chosen.key}` : undefined}
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setPlace(0);
        }}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={label} ref={list}>
        {found.map((choice) => (
          <li
            key={choice.key}
            id={`${id}-${choice.key}`}
            role="option"
            aria-selected={choice === chosen}
            onMouseDown={(event) => {
              event.preventDefault();
              onChoose(choice);
            }}
          >
            <span className="cut">{choice.title}</span>
            {choice.note && <span className="small">{choice.note}</span>}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="muted small">{t("ui.nothingFound")}</p>}
    </div>
  );
}

/** Choices that hold every word of the text; those that begin with it come first. */
export function matching(choices: readonly Choice[], text: string): Choice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [...choices];
  const rank = (choice: Choice): number => {
    const title = choice.title.toLowerCase();
    const all = `${title} ${choice.words ?? ""} ${choice.note ?? ""}`.toLowerCase();
    if (!words.every((word) => all.includes(word))) return -1;
    if (title.startsWith(text.toLowerCase())) return 3;
    return words.every((word) => title.includes(word)) ? 2 : 1;
  };
  return choices
    .map((choice) => ({ choice, rank: rank(choice) }))
    .filter((one) => one.rank > 0)
    .sort((one, other) => other.rank - one.rank)
    .map((one) => one.choice);
}
