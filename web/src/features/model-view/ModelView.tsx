import "./model-view.css";
import { useMemo, useState } from "react";
import { problemsIn } from "../../api/client";
import { contentAddress, useModel } from "../../api/queries";
import type { Artifact, ModelDescription } from "../../api/shapes";
import { formatCount, formatNumber, t } from "../../i18n/i18n";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Loading } from "../../ui/Page";
import { Problems } from "../../ui/Problems";

/** What a model is: task, label and classes, settings, and the weight of each feature. */
export function ModelView({ artifact }: { artifact: Artifact }) {
  const model = useModel(artifact);
  if (model.isPending) return <Loading what={t("model.reading")} />;
  if (model.error) return <Problems problems={problemsIn(model.error)} />;
  return <Described model={model.data} />;
}

/** The same as a dialog: Visualize of a port that gives a model. */
export function ModelDialog({ title, artifact, onClose }: { title: string; artifact: Artifact; onClose: () => void }) {
  return (
    <Dialog
      title={title}
      size="wide"
      onClose={onClose}
      head={
        <a className="button small" href={contentAddress(artifact, "raw", title)} download>
          <Icon name="download" /> {t("ui.download")}
        </a>
      }
    >
      <ModelView artifact={artifact} />
    </Dialog>
  );
}

function Described({ model }: { model: ModelDescription }) {
  if (!model.name) {
    return (
      <p className="note">
        <Icon name="info" /> {t("model.noModelFile")}
      </p>
    );
  }
  return (
    <div className="model-view">
      <section className="stack-3" aria-label={t("model.settings")}>
        <h3>{model.name}</h3>
        <dl className="facts model-facts">
          {model.task && (
            <>
              <dt>{t("model.task")}</dt>
              <dd>{model.task}</dd>
            </>
          )}
          <dt>{t("model.state")}</dt>
          <dd>{t(model.isTrained ? "model.trained" : "model.untrained")}</dd>
          {model.label && (
            <>
              <dt>{t("model.label")}</dt>
              <dd>{model.label}</dd>
            </>
          )}
          {model.classes.length > 0 && (
            <>
              <dt>{t("model.classes")}</dt>
              <dd>{model.classes.join(", ")}</dd>
            </>
          )}
          {model.numberOfFeatures > 0 && (
            <>
              <dt>{t("model.features")}</dt>
              <dd>{formatCount(model.numberOfFeatures)}</dd>
            </>
          )}
        </dl>
        {model.settings.length > 0 && (
          <>
            <h4>{t("model.settings")}</h4>
            <dl className="facts model-facts">
              {model.settings.map(({ name, value }) => (
                <div key={name} className="fact">
                  <dt>{name}</dt>
                  <dd className="num">{settingText(value)}</dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </section>
      <Weights model={model} />
    </div>
  );
}

function Weights({ model }: { model: ModelDescription }) {
  const [wanted, setWanted] = useState("");
  const most = useMemo(() => Math.max(1e-300, ...model.weights.filter((row) => row.name !== BIAS).flatMap((row) => row.values.map((value) => Math.abs(value ?? 0)))), [model]);
  if (!model.measure) return <p className="muted">{t(model.isTrained ? "model.noWeights" : "model.weightsLater")}</p>;
  const word = wanted.trim().toLowerCase();
  const shown = model.weights.filter((row) => row.name.toLowerCase().includes(word));
  const title = t(`model.measure.${model.measure}`);
  return (
    <section className="stack-3 model-weights" aria-label={title}>
      <div className="row">
        <h3 className="grow">{title}</h3>
        <input className="input" type="search" value={wanted} aria-label={t("model.search")} placeholder={t("model.search")} onChange={(event) => setWanted(event.target.value)} />
      </div>
      <div className="table-box" tabIndex={0} role="group" aria-label={title}>
        <table className="list">
          <thead>
            <tr>
              <th scope="col">{t("model.feature")}</th>
              {model.columns.map((column, place) => (
                <th key={place} scope="col" className="num">
                  {column || title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.name}>
                <th scope="row" className="wrap-any">
                  {row.name}
                </th>
                {row.values.map((value, place) => (
                  <td key={place} className="num">
                    <Weight value={value} most={most} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="hint">{t(`model.hint.${model.measure}`)}</p>
    </section>
  );
}

const BIAS = "Bias";

/** A number with a bar that grows from the middle: to the right above zero, to the left below. */
function Weight({ value, most }: { value: number | null; most: number }) {
  if (value === null) return <span className="missing">{t("visualize.missing")}</span>;
  const size = Math.min(1, Math.abs(value) / most) * 50;
  return (
    <span className="weight">
      <svg className="chart weight-bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
        <line className="axis" x1="50" x2="50" y1="0" y2="12" />
        <rect className={value < 0 ? "below" : "bar"} x={value < 0 ? 50 - size : 50} width={size} y="2" height="8" />
      </svg>
      <span className="weight-value">{value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : formatNumber(value, 5)}</span>
    </span>
  );
}

function settingText(value: string | number | boolean): string {
  if (typeof value === "number") return formatNumber(value, 12);
  if (typeof value === "boolean") return value ? "True" : "False";
  return value || "—";
}
