import type { Key } from "../i18n/en";
import { t } from "../i18n/i18n";
import type { IconName } from "./Icon";
import { Icon } from "./Icon";

export type Mark =
  | "created"
  | "queued"
  | "preparing"
  | "running"
  | "finalizing"
  | "completed"
  | "reused"
  | "failed"
  | "canceled"
  | "skipped"
  | "stale"
  | "draft"
  | "disabled";

const ICONS: Record<Mark, IconName> = {
  created: "dashed",
  queued: "clock",
  preparing: "clock",
  running: "play",
  finalizing: "play",
  completed: "done",
  reused: "reused",
  failed: "cross",
  canceled: "skip",
  skipped: "skip",
  stale: "dashed",
  draft: "dashed",
  disabled: "skip",
};

/** Whether results of an earlier run still stand for a node with this mark. */
export function holds(mark: Mark): boolean {
  return mark !== "stale" && mark !== "draft" && mark !== "disabled";
}

export function markName(mark: Mark): string {
  return t(`state.${mark}` as Key);
}

/** A state as icon and word; never by colour alone. */
export function StateMark({ mark, isShort = false, extra = "" }: { mark: Mark; isShort?: boolean; extra?: string }) {
  return (
    <span className={`state ${mark}`} title={isShort ? markName(mark) : undefined}>
      <Icon name={ICONS[mark]} />
      {isShort ? <span className="hidden-text">{markName(mark)}</span> : markName(mark)}
      {extra && <span className="small">{extra}</span>}
    </span>
  );
}
