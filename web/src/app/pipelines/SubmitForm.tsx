import { useId, useState } from "react";
import { post, problemsIn } from "../../api/client";
import { pipelinesChanged } from "../../api/pipelines";
import { queries } from "../../api/queries";
import type { ParameterForm } from "../../features/pipelines/ParameterFields";
import { ParameterFields } from "../../features/pipelines/ParameterFields";
import type { Json } from "../../graph/json";
import { callValues } from "../../graph/pipeline-parameters";
import { t } from "../../i18n/i18n";
import { Icon } from "../../ui/Icon";
import type { ShownProblem } from "../../ui/Problems";
import { Problems } from "../../ui/Problems";
import { go } from "../router";

interface Props {
  /** Where the call goes, below the API. */
  path: string;
  form: ParameterForm;
  experiment: string;
  onExperiment: (name: string) => void;
  /** Why nothing can be started now, if so. */
  isOff?: boolean;
  /** What stands above the parameters, such as a choice of version. */
  children?: React.ReactNode;
}

/** The form that starts a published pipeline; the run that it becomes is opened and watched. */
export function SubmitForm({ path, form, experiment, onExperiment, isOff, children }: Props) {
  const id = useId();
  const [isFresh, setFresh] = useState(false);
  const [keepsOn, setKeepsOn] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const isReady = !isOff && !isBusy && experiment.trim() !== "" && Object.keys(form.faults).length === 0;
  const submit = async () => {
    setBusy(true);
    const body: Record<string, Json> = { experiment: experiment.trim(), ...callValues(form.values), run_source: "Studio" };
    if (isFresh) body.regenerate = true;
    if (keepsOn) body.continue_on_step_failure = true;
    try {
      const made = await post<{ run: string }>(path, body);
      pipelinesChanged();
      void queries.invalidateQueries({ queryKey: ["run-pages"] });
      go(`/runs/${made.run}`);
    } catch (error) {
      setProblems(problemsIn(error));
      setBusy(false);
    }
  };
  return (
    <form
      className="stack-5"
      aria-label={t("pipelines.submit")}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void submit();
      }}
    >
      <Problems problems={problems} />
      <div className="parameter-rows">
        {children}
        <label className="label" htmlFor={`${id}-experiment`}>
          {t("pipelines.experiment")}
        </label>
        <input id={`${id}-experiment`} className="input" value={experiment} onChange={(event) => onExperiment(event.target.value)} />
      </div>
      <section className="stack-3" aria-labelledby={`${id}-parameters`}>
        <h3 id={`${id}-parameters`}>{t("pipelines.parameters")}</h3>
        <ParameterFields form={form} />
      </section>
      <div className="stack">
        <label className="check">
          <input type="checkbox" checked={isFresh} onChange={(event) => setFresh(event.target.checked)} /> {t("run.fresh")}
        </label>
        <label className="check">
          <input type="checkbox" checked={keepsOn} onChange={(event) => setKeepsOn(event.target.checked)} /> {t("pipelines.keepOn")}
        </label>
      </div>
      <div className="row">
        <button type="submit" className="button primary" disabled={!isReady}>
          <Icon name="run" /> {t("pipelines.submit")}
        </button>
        {isOff && <span className="muted">{t("pipelines.isDisabled")}</span>}
      </div>
    </form>
  );
}
