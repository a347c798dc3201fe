import type { ReactNode } from "react";

export interface ListColumn<T> {
  title: string;
  /** The title is for screen readers alone: a column of buttons or ticks. */
  isBare?: boolean;
  isNumber?: boolean;
  isMuted?: boolean;
  cell: (row: T) => ReactNode;
}

interface Props<T> {
  label: string;
  rows: readonly T[];
  columns: readonly ListColumn<T>[];
  keyOf: (row: T) => string;
  isChosen?: (row: T) => boolean;
}

/** Rows under named columns, in a sheet that scrolls sideways by itself. */
export function ListTable<T>({ label, rows, columns, keyOf, isChosen }: Props<T>) {
  return (
    <div className="table-box">
      <table className="list" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={column.isNumber ? "num" : undefined}>
                {column.isBare ? <span className="hidden-text">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} aria-selected={isChosen?.(row)}>
              {columns.map((column) => (
                <td key={column.title} className={`${column.isNumber ? "num" : ""} ${column.isMuted ? "muted" : ""}`.trim() || undefined}>
                  {column.isBare && column.isNumber ? <div className="list-actions">{column.cell(row)}</div> : column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
