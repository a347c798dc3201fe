import "./pane.css";
import type { ReactNode } from "react";
import { useId, useState } from "react";
import type { GraphDocument, NodeBody } from "../../graph/document";
import { specOf } from "../../graph/document";
import { dropGraphParameter, makeGraphParameter, parameterRef, setFields, setValue } from "../../graph/edits";
import type { Catalogue, Parameter } from "../../graph/module";
import { isShown } from "../../graph/values";
import { t } from "../../i18n/i18n";
import { Icon } from "../../ui/Icon";
import { Menu } from "../../ui/Menu";
import type { Column } from "./ColumnPicker";
import { ParameterField } from "./ParameterField";

interface Props {
  document: GraphDocument;
  catalogue: Catalogue;
  node: string;
  columns: readonly Column[] | undefined;
  isObserved: boolean;
  isOff: boolean;
  environments: readonly string[];
  onChange: (make: (document: GraphDocument) => GraphDocument, key?: string) => void;
  /** How a parameter that holds a script is shown. */
  script: (parameter: Parameter, text: string) => ReactNode;
  children?: ReactNode;
}

/** Everything about the chosen module: its parameters, its comment, how it is run. */
export function NodePane({ document, catalogue, node, columns, isObserved, isOff, environments, onChange, script, children }: Props) {
  const id = useId();
  const [menu, setMenu] = useState<{ at: { x: number; y: number }; parameter: Parameter } | null>(null);
  const body = document.nodes[node] as NodeBody;
  const spec = specOf(document, catalogue, node);
  const parameters = spec?.parameters ?? [];
  const values = body.parameters ?? {};
  const shown = parameters.filter((parameter) => isShown(parameters, parameter, values) && !(parameter.type === "script" && isHiddenScript(spec?.entry.language, parameter)));
  const setField = (fields: Partial<NodeBody>, key: string) => onChange((now) => setFields(now, node, fields), `${key} ${node}`);
  return (
    <div className="pane">
      <header className="pane-head">
        <h2 className="cut" title={body.module}>
          {body.module}
        </h2>
        {spec?.doc && <p className="muted small">{spec.doc}</p>}
        {!spec && (
          <p className="note warn">
            <Icon name="warning" />
            {t("pane.unknownModule")}
          </p>
        )}
      </header>
      {children}
      {shown.map((parameter) =>
        parameter.type === "script" && !parameterRef(values[parameter.name]) ? (
          <div key={parameter.name}>{script(parameter, String(values[parameter.name] ?? parameter.default ?? ""))}</div>
        ) : (
          <ParameterField
            key={parameter.name}
            parameter={parameter}
            value={values[parameter.name]}
            columns={columns}
            isObserved={isObserved}
            isOff={isOff}
            onChange={(value) => onChange((now) => setValue(now, node, parameter.name, value), `value ${node} ${parameter.name}`)}
            onMenu={isOff ? undefined : (at) => setMenu({ at, parameter })}
          />
        ),
      )}
      <details className="pane-more">
        <summary>{t("pane.more")}</summary>
        <div className="stack-3">
          <div className="field">
            <label htmlFor={`${id}-title`}>{t("pane.title")}</label>
            <input
              id={`${id}-title`}
              className="input"
              data-field="title"
              value={body.title ?? ""}
              placeholder={body.module}
              disabled={isOff}
              onChange={(event) => setField({ title: event.target.value }, "title")}
            />
          </div>
          <div className="field">
            <label htmlFor={`${id}-comment`}>{t("pane.comment")}</label>
            <textarea
              id={`${id}-comment`}
              className="area"
              data-field="comment"
              rows={2}
              value={body.comment ?? ""}
              disabled={isOff}
              onChange={(event) => setField({ comment: event.target.value }, "comment")}
            />
          </div>
          {spec?.entry.$kind === "ScriptEntry" && (
            <div className="field">
              <label htmlFor={`${id}-environment`}>{t("pane.environment")}</label>
              <input
                id={`${id}-environment`}
                className="input"
                list={`${id}-environments`}
                value={body.environment ?? ""}
                placeholder={t("pane.environmentDefault")}
                disabled={isOff}
                onChange={(event) => setField({ environment: event.target.value }, "environment")}
              />
              <datalist id={`${id}-environments`}>
                {environments.map((name) => (
                  <option key={name} value={name} />
                ))}
              </datalist>
            </div>
          )}
          <label className="check">
            <input
              type="checkbox"
              checked={body.reuse !== false}
              disabled={isOff}
              onChange={(event) => onChange((now) => setFields(now, node, { reuse: event.target.checked ? undefined : false }))}
            />
            {t("pane.reuse")}
          </label>
          <dl className="facts small">
            <dt>{t("pane.id")}</dt>
            <dd className="mono">{node}</dd>
            <dt>{t("pane.version")}</dt>
            <dd>{body.version ?? spec?.version ?? ""}</dd>
            <dt>{t("pane.category")}</dt>
            <dd>{spec?.category ?? ""}</dd>
          </dl>
        </div>
      </details>
      {menu && (
        <Menu
          at={menu.at}
          label={menu.parameter.name}
          onClose={() => setMenu(null)}
          items={[
            {
              label: t("parameter.reset"),
              icon: "undo",
              isOff: !(menu.parameter.name in values),
              onChoose: () => onChange((now) => setValue(now, node, menu.parameter.name, undefined)),
            },
            parameterRef(values[menu.parameter.name])
              ? {
                  label: t("parameter.unlink"),
                  icon: "link",
                  onChoose: () => onChange((now) => dropGraphParameter(now, node, menu.parameter.name)),
                }
              : {
                  label: t("parameter.link"),
                  icon: "link",
                  onChoose: () =>
                    onChange((now) =>
                      makeGraphParameter(now, node, menu.parameter, values[menu.parameter.name] ?? menu.parameter.default ?? null),
                    ),
                },
          ]}
        />
      )}
    </div>
  );
}

/** Execute Python Script carries an R script and requirements beside its own; only its own stands in the pane. */
function isHiddenScript(language: string | undefined, parameter: Parameter): boolean {
  return language === "python" && parameter.name === "R Script";
}
