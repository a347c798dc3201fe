import type { ReactNode } from "react";
import { useState } from "react";
import { t } from "../i18n/i18n";
import type { ListColumn } from "./ListTable";
import { ListTable } from "./ListTable";
import { Empty, Loading, Page } from "./Page";
import type { ShownProblem } from "./Problems";
import { Problems } from "./Problems";

interface Props<T> {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** What there is, all of it; undefined while it is fetched. */
  rows: readonly T[] | undefined;
  problems: readonly ShownProblem[];
  columns: readonly ListColumn<T>[];
  keyOf: (row: T) => string;
  /** What stands there when there is nothing at all. */
  empty: { title: string; children: ReactNode };
  search?: { label: string; textOf: (row: T) => string };
  /** A further choice among the rows, made by tools beside the search. */
  isShown?: (row: T) => boolean;
  isChosen?: (row: T) => boolean;
  tools?: ReactNode;
  foot?: ReactNode;
  children?: ReactNode;
}

/** The page of every list: a heading, what can be done, a search, the rows; and what belongs here while there are none. */
export function ListPage<T>({ title, lead, actions, rows, problems, columns, keyOf, empty, search, isShown, isChosen, tools, foot, children }: Props<T>) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const shown = (rows ?? []).filter((row) => (!wanted || search?.textOf(row).toLowerCase().includes(wanted)) && (isShown?.(row) ?? true));
  return (
    <Page title={title} lead={lead} actions={actions}>
      <Problems problems={[...problems]} />
      {!rows && problems.length === 0 && <Loading what={t("ui.loading")} />}
      {rows?.length === 0 && <Empty title={empty.title}>{empty.children}</Empty>}
      {rows && rows.length > 0 && (
        <>
          {(search || tools) && (
            <div className="toolbar">
              {search && <input className="input" type="search" value={text} placeholder={search.label} aria-label={search.label} onChange={(event) => setText(event.target.value)} />}
              {wanted && (
                <span className="muted small" role="status">
                  {t("list.shown", { count: shown.length, all: rows.length })}
                </span>
              )}
              {tools}
            </div>
          )}
          {shown.length > 0 ? <ListTable label={title} rows={shown} columns={columns} keyOf={keyOf} isChosen={isChosen} /> : <p className="muted">{t("ui.nothingFound")}</p>}
          {foot}
        </>
      )}
      {children}
    </Page>
  );
}
