import { useState } from "react";
import { post, problemsIn } from "../api/client";
import { queries } from "../api/queries";
import type { Experiment, WebService } from "../api/shapes";
import type { Draft } from "../features/draft/useDraft";
import { titleOf } from "../graph/document";
import type { Catalogue } from "../graph/module";
import { specOf } from "../graph/document";
import { t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";
import { go } from "./router";

/** Set up web service: of a training experiment make the predictive one; of one with service ports, publish it. */
export function ServiceDialog({ draft, catalogue, onClose }: { draft: Draft; catalogue: Catalogue; onClose: () => void }) {
  const { document: graph, experiment } = draft;
  const hasPorts = Object.keys(graph.outputs ?? {}).length > 0;
  const trains = Object.keys(graph.nodes).filter((node) => specOf(graph, catalogue, node)?.outputs?.some((port) => port.type === "ILearner" || port.type === "ICluster"));
  const [train, setTrain] = useState(trains[0] ?? "");
  const [name, setName] = useState((graph.name ?? "").replace(/\s*\[.*\]$/, ""));
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const [isBusy, setBusy] = useState(false);
  const act = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblems([]);
    try {
      await work();
      onClose();
    } catch (error) {
      setProblems(problemsIn(error));
      setBusy(false);
    }
  };
  const setUp = () =>
    act(async () => {
      const saved = await draft.save();
      if (!saved) throw new Error(t("service.notSaved"));
      const made = await post<Experiment>("/experiments/web-service", { experiment: saved.id, setup: trains.length > 1 ? { train } : {} });
      void queries.invalidateQueries({ queryKey: ["experiments"] });
      go(`/experiments/${made.id}`);
    });
  const publish = () =>
    act(async () => {
      const saved = await draft.save();
      if (!saved?.run) throw new Error(t("service.runFirst"));
      const made = await post<WebService>("/services", { run: saved.run, name });
      void queries.invalidateQueries({ queryKey: ["services"] });
      go(`/services/${made.id}`);
    });
  return (
    <Dialog
      title={hasPorts ? t("service.publish") : t("studio.setUpService")}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          {hasPorts ? (
            <Button look="primary" disabled={isBusy || !name.trim() || !experiment?.run} onClick={() => void publish()}>
              {t("service.publish")}
            </Button>
          ) : (
            <Button look="primary" disabled={isBusy} onClick={() => void setUp()}>
              {t("studio.setUpService")}
            </Button>
          )}
        </>
      }
    >
      <div className="stack-3">
        <Problems problems={problems} />
        {hasPorts ? (
          <>
            <p>{experiment?.run ? t("service.publishText") : t("service.runFirst")}</p>
            <div className="field">
              <label htmlFor="service-name">{t("services.name")}</label>
              <input id="service-name" className="input" value={name} onChange={(event) => setName(event.target.value)} />
            </div>
          </>
        ) : (
          <>
            <p>{t("service.setUpText")}</p>
            {trains.length > 1 && (
              <div className="field">
                <label htmlFor="service-train">{t("service.which")}</label>
                <select id="service-train" className="select" value={train} onChange={(event) => setTrain(event.target.value)}>
                  {trains.map((node) => (
                    <option key={node} value={node}>
                      {titleOf(graph, node)} ({node})
                    </option>
                  ))}
                </select>
              </div>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}
