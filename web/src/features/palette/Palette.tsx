import "./palette.css";
import { useMemo, useState } from "react";
import { iconOf } from "../../ui/module-icon";
import type { Catalogue, ModuleSpec } from "../../graph/module";
import { formatCount, t } from "../../i18n/i18n";
import { Icon } from "../../ui/Icon";

interface Item {
  kind: "module" | "dataset";
  name: string;
  note: string;
  spec?: ModuleSpec;
}

interface Props {
  catalogue: Catalogue;
  datasets: { name: string; type: string; rows?: number }[];
  dragType: string;
  onAdd: (item: { kind: "module" | "dataset"; name: string }) => void;
  onUpload: () => void;
}

/** Everything that can be put on the canvas: saved datasets and modules, searched or by category. */
export function Palette({ catalogue, datasets, dragType, onAdd, onUpload }: Props) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set([t("palette.saved")]));
  const groups = useMemo(() => groupsOf(catalogue, datasets), [catalogue, datasets]);
  const found = useMemo(() => (text.trim() ? search(groups, text) : null), [groups, text]);
  return (
    <nav className="palette" aria-label={t("palette.label")}>
      <div className="palette-search">
        <Icon name="search" />
        <input
          className="input"
          type="search"
          placeholder={t("palette.search")}
          aria-label={t("palette.search")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && found?.[0]) onAdd(found[0]);
            if (event.key === "Escape") setText("");
            if (event.key === "ArrowDown") {
              event.preventDefault();
              document.querySelector<HTMLElement>(".palette-list .item, .palette-list .group")?.focus();
            }
          }}
        />
      </div>
      <div className="palette-list" onKeyDown={walk}>
        {found ? (
          found.length ? (
            <ul>{found.map((item) => <Entry key={`${item.kind}${item.name}`} item={item} dragType={dragType} onAdd={onAdd} />)}</ul>
          ) : (
            <p className="muted small palette-none">{t("ui.nothingFound")}</p>
          )
        ) : (
          groups.map(({ name, items }) => {
            const isOpen = open.has(name);
            return (
              <section key={name}>
                <button
                  type="button"
                  className="group"
                  aria-expanded={isOpen}
                  onClick={() => {
                    const next = new Set(open);
                    if (!next.delete(name)) next.add(name);
                    setOpen(next);
                  }}
                >
                  <Icon name={isOpen ? "down" : "right"} size={14} />
                  <span className="cut grow">{name}</span>
                  <span className="small muted">{items.length}</span>
                </button>
                {isOpen && (
                  <ul>
                    {items.map((item) => (
                      <Entry key={item.name} item={item} dragType={dragType} onAdd={onAdd} />
                    ))}
                    {items.length === 0 && (
                      <li>
                        <button type="button" className="item" onClick={onUpload}>
                          <Icon name="upload" />
                          <span>{t("palette.uploadFirst")}</span>
                        </button>
                      </li>
                    )}
                  </ul>
                )}
              </section>
            );
          })
        )}
      </div>
    </nav>
  );
}

function Entry({ item, dragType, onAdd }: { item: Item; dragType: string; onAdd: Props["onAdd"] }) {
  return (
    <li>
      <button
        type="button"
        className="item"
        draggable
        data-name={item.name}
        title={item.spec?.doc ? `${item.name}\n${item.spec.doc.replaceAll("`", "")}` : item.name}
        onDragStart={(event) => {
          event.dataTransfer.setData(dragType, JSON.stringify({ kind: item.kind, name: item.name }));
          event.dataTransfer.effectAllowed = "copy";
        }}
        onDoubleClick={() => onAdd(item)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            onAdd(item);
          }
        }}
      >
        <Icon name={iconOf(item.spec, item.kind === "dataset")} />
        <span className="cut grow">{item.name}</span>
        {item.note && <span className="small muted">{item.note}</span>}
      </button>
    </li>
  );
}

function groupsOf(catalogue: Catalogue, datasets: Props["datasets"]): { name: string; items: Item[] }[] {
  const saved = (types: (type: string) => boolean): Item[] =>
    datasets
      .filter((one) => types(one.type))
      .map((one) => ({
        kind: "dataset",
        name: one.name,
        note: one.rows === undefined ? "" : t("palette.rows", { rows: formatCount(one.rows) }),
      }));
  const isModel = (type: string) => type === "ILearner" || type === "ICluster";
  const kept = [
    { name: t("palette.saved"), items: saved((type) => !isModel(type) && type !== "ITransform") },
    { name: t("palette.models"), items: saved(isModel) },
    { name: t("palette.transforms"), items: saved((type) => type === "ITransform") },
  ].filter((group, place) => place === 0 || group.items.length > 0);
  const byCategory = new Map<string, Item[]>();
  for (const spec of catalogue.modules) {
    if (spec.category === "Internal") continue;
    const name = spec.category.replace("/", " · ").replace("Machine Learning Algorithms · ", t("palette.learners"));
    byCategory.set(name, [...(byCategory.get(name) ?? []), { kind: "module", name: spec.name, note: "", spec }]);
  }
  return [...kept, ...[...byCategory].map(([name, items]) => ({ name, items }))];
}

function search(groups: { items: Item[] }[], text: string): Item[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (item: Item) => {
    const name = item.name.toLowerCase();
    const all = [name, ...(item.spec?.aliases ?? []), item.spec?.doc ?? "", item.spec?.category ?? ""].join(" ").toLowerCase();
    if (!words.every((word) => all.includes(word))) return 0;
    if (name.startsWith(words[0] ?? "")) return 3;
    return words.every((word) => name.includes(word)) ? 2 : 1;
  };
  return groups
    .flatMap((group) => group.items)
    .map((item) => ({ item, rank: rank(item) }))
    .filter((one) => one.rank > 0)
    .sort((one, other) => other.rank - one.rank)
    .map((one) => one.item);
}

/** Arrow keys go through the list as through a tree. */
function walk(event: React.KeyboardEvent<HTMLElement>): void {
  const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!down) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("button")];
  const place = all.indexOf(document.activeElement as HTMLElement);
  const next = place + down < 0 ? document.querySelector<HTMLElement>(".palette-search input") : all[place + down];
  next?.focus();
  event.preventDefault();
}
