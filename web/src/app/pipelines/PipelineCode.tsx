import { useState } from "react";
import { usePipelinesPath } from "../../api/pipelines";
import { CodeEditor } from "../../features/script-editor/CodeEditor";
import type { Json } from "../../graph/json";
import type { PipelineCodeLanguage } from "../../graph/pipeline-code";
import { pipelineCode } from "../../graph/pipeline-code";
import { t } from "../../i18n/i18n";
import { CopyButton } from "../../ui/CopyButton";
import { Tabs } from "../../ui/Tabs";

/** The old REST address of a published pipeline or an endpoint. */
export function usePipelineAddress(id: string, isEndpoint: boolean): string {
  const path = usePipelinesPath().data;
  if (path === undefined) return "";
  return `${location.origin}${path}/PipelineRuns/${isEndpoint ? "PipelineEndpointSubmit/Id" : "PipelineSubmit"}/${id}`;
}

export function AddressLine({ address }: { address: string }) {
  return (
    <div className="address-line">
      <code className="mono cut">{address}</code>
      <CopyButton text={address} label={t("services.copyAddress")} />
    </div>
  );
}

/** Code that starts it with what stands in the form. */
export function PipelineCode({ id, isEndpoint, address, experiment, values }: { id: string; isEndpoint: boolean; address: string; experiment: string; values: Record<string, Json> }) {
  const [language, setLanguage] = useState<PipelineCodeLanguage>("curl");
  const text = pipelineCode(language, { address, id, isEndpoint, experiment, values });
  return (
    <Tabs
      label={t("services.code")}
      chosen={language}
      onChoose={setLanguage}
      tabs={[
        { key: "curl", title: "curl" },
        { key: "python", title: "Python" },
        { key: "sdk", title: "Python SDK v1" },
      ]}
    >
      <div className="stack">
        <div className="row">
          <p className="muted grow">{t(language === "sdk" ? "pipelines.sdkHint" : "pipelines.codeHint")}</p>
          <CopyButton text={text} />
        </div>
        <div className="script-box code-box">
          <CodeEditor key={language} text={text} language={language === "curl" ? "text" : "python"} label={t("services.code")} isReadOnly />
        </div>
      </div>
    </Tabs>
  );
}
