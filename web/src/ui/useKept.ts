import { useState } from "react";

/** A choice about the look of the page that this browser keeps, such as a pane that is closed. */
export function useKept(name: string, first: boolean): [boolean, (value: boolean) => void] {
  const key = `skyloom.${name}`;
  const [value, setValue] = useState(() => {
    const kept = localStorage.getItem(key);
    return kept === null ? first : kept === "true";
  });
  return [
    value,
    (next) => {
      localStorage.setItem(key, String(next));
      setValue(next);
    },
  ];
}
