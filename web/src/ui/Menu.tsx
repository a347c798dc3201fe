import { useEffect, useLayoutEffect, useRef } from "react";
import type { IconName } from "./Icon";
import { Icon } from "./Icon";

export type MenuItem =
  | { label: string; icon?: IconName; keys?: string; isOff?: boolean; onChoose: () => void }
  | { head: string }
  | "line";

interface Props {
  at: { x: number; y: number };
  items: MenuItem[];
  label: string;
  onClose: () => void;
}

/** A menu at a place of the window, with arrow keys, first letters and Escape. */
export function Menu({ at, items, label, onClose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const menu = box.current;
    if (!menu) return;
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(4, Math.min(at.x, innerWidth - width - 8))}px`;
    menu.style.top = `${Math.max(4, Math.min(at.y, innerHeight - height - 8))}px`;
    const before = document.activeElement;
    menu.querySelector<HTMLButtonElement>("button:not(:disabled)")?.focus();
    return () => {
      // give the focus back unless what was chosen has taken it elsewhere
      const isLost = document.activeElement === document.body || menu.contains(document.activeElement);
      if (isLost && before instanceof HTMLElement) before.focus();
    };
  }, [at]);
  useEffect(() => {
    const away = (event: MouseEvent) => {
      if (!box.current?.contains(event.target as Node)) onClose();
    };
    addEventListener("mousedown", away, true);
    addEventListener("blur", onClose);
    return () => {
      removeEventListener("mousedown", away, true);
      removeEventListener("blur", onClose);
    };
  }, [onClose]);
  const step = (by: number) => {
    const buttons = [...(box.current?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [])];
    const place = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(place + by + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div
      ref={box}
      className="menu"
      role="menu"
      aria-label={label}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "ArrowDown") step(1);
        else if (event.key === "ArrowUp") step(-1);
        else if (event.key === "Escape" || event.key === "Tab") onClose();
        else return;
        event.preventDefault();
      }}
      onContextMenu={(event) => event.preventDefault()}
    >
      {items.map((item, place) =>
        item === "line" ? (
          <hr key={`line-${place}`} />
        ) : "head" in item ? (
          <div key={item.head} className="menu-head" role="presentation">
            {item.head}
          </div>
        ) : (
          <button
            key={`${item.label}-${place}`}
            type="button"
            role="menuitem"
            disabled={item.isOff}
            onClick={() => {
              onClose();
              item.onChoose();
            }}
          >
            {item.icon && <Icon name={item.icon} />}
            <span className="grow">{item.label}</span>
            {item.keys && <kbd>{item.keys}</kbd>}
          </button>
        ),
      )}
    </div>
  );
}
