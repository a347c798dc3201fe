import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { get, post, problemsIn, remove } from "../api/client";
import { queries, sampleRow } from "../api/queries";
import type { Endpoint, WebService } from "../api/shapes";
import { CodeEditor } from "../features/script-editor/CodeEditor";
import type { CodeLanguage } from "../graph/client-code";
import { clientCode, requestOf, sampleValue, typedValue } from "../graph/client-code";
import type { Json } from "../graph/json";
import { isObject } from "../graph/json";
import { formatTime, t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { Loading, Page } from "../ui/Page";
import { Problems } from "../ui/Problems";
import { Tabs } from "../ui/Tabs";
import { go } from "./router";
import { ServiceBatch } from "./ServiceBatch";
import { ServiceUsageView } from "./ServiceUsageView";

type Tab = "test" | "code" | "batch" | "usage" | "keys" | "schema";

export function ServicePage({ id }: { id: string }) {
  const found = useQuery({ queryKey: ["service", id], queryFn: () => get<WebService>(`/services/${encodeURIComponent(id)}`) });
  const [tab, setTab] = useState<Tab>("test");
  const [name, setName] = useState("default");
  const [isDeleting, setDeleting] = useState(false);
  const endpoint = found.data?.endpoints.find((one) => one.name === name) ?? found.data?.endpoints[0];
  const [texts, setTexts] = useState<Record<string, string>>({});
  const samples = useQuery({
    queryKey: ["samples", endpoint?.id, endpoint?.version],
    enabled: endpoint !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => samplesOf(endpoint?.inputs ?? {}),
  });
  const form = useMemo(() => (endpoint ? formOf(endpoint, texts, samples.data ?? {}) : null), [endpoint, texts, samples.data]);
  if (found.error) {
    return (
      <Page title={t("nav.services")}>
        <Problems problems={problemsIn(found.error)} />
      </Page>
    );
  }
  if (!found.data || !endpoint || !form) {
    return (
      <Page title={t("nav.services")}>
        <Loading what={t("ui.loading")} />
      </Page>
    );
  }
  const service = found.data;
  return (
    <Page
      title={service.name}
      lead={service.description}
      actions={
        <Button look="danger" icon="trash" onClick={() => setDeleting(true)}>
          {t("services.retire")}
        </Button>
      }
    >
      <div className="row wrap">
        {service.endpoints.length > 1 && (
          <select className="select narrow-select" aria-label={t("services.endpoint")} value={endpoint.name} onChange={(event) => setName(event.target.value)}>
            {service.endpoints.map((one) => (
              <option key={one.id}>{one.name}</option>
            ))}
          </select>
        )}
        <span className="chip">{t("services.version", { number: endpoint.version })}</span>
        <span className="muted small">{formatTime(endpoint.created_at)}</span>
        <code className="mono cut">{location.origin + endpoint.path}/execute</code>
        <CopyButton text={`${location.origin}${endpoint.path}/execute?api-version=2.0&format=swagger`} label={t("services.copyAddress")} />
      </div>
      <div>
        <Tabs
          label={service.name}
          chosen={tab}
          onChoose={setTab}
          tabs={[
            { key: "test", title: t("services.test") },
            { key: "code", title: t("services.code") },
            { key: "batch", title: t("services.batch") },
            { key: "usage", title: t("services.usage") },
            { key: "keys", title: t("services.keys") },
            { key: "schema", title: t("services.schema") },
          ]}
        >
          {tab === "test" && <TestForm service={service} endpoint={endpoint} texts={texts} onTexts={setTexts} samples={samples.data ?? {}} request={form.request} />}
          {tab === "code" && <Code endpoint={endpoint} request={form.request} />}
          {tab === "batch" && <ServiceBatch key={endpoint.id} service={service} endpoint={endpoint} parameters={form.parameters} />}
          {tab === "usage" && <ServiceUsageView key={endpoint.id} service={service} endpoint={endpoint} />}
          {tab === "keys" && <Keys service={service} endpoint={endpoint} />}
          {tab === "schema" && <Schema endpoint={endpoint} />}
        </Tabs>
      </div>
      {isDeleting && (
        <Dialog
          title={t("services.retire")}
          onClose={() => setDeleting(false)}
          foot={
            <>
              <Button onClick={() => setDeleting(false)}>{t("ui.cancel")}</Button>
              <Button
                look="danger"
                onClick={() =>
                  void remove(`/services/${encodeURIComponent(service.id)}`).then(() => {
                    void queries.invalidateQueries({ queryKey: ["services"] });
                    go("/services");
                  })
                }
              >
                {t("services.retire")}
              </Button>
            </>
          }
        >
          <p>{t("services.retireText", { name: service.name })}</p>
        </Dialog>
      )}
    </Page>
  );
}

function fieldKey(port: string, column: string): string {
  return `${port}\n${column}`;
}

type Samples = Record<string, Record<string, Json>>;

/** A row for each input, of data that the workspace has. */
async function samplesOf(inputs: Endpoint["inputs"]): Promise<Samples> {
  const found: Samples = {};
  for (const [port, columns] of Object.entries(inputs)) {
    const row = columns?.length ? await sampleRow(columns.map((column) => column.name)) : null;
    if (!row) continue;
    found[port] = Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, typeof cell === "object" ? null : cell]));
  }
  return found;
}

/** Parameters that a call may give; how columns are spelled is fixed when the service is published. */
function parametersOf(endpoint: Endpoint): Endpoint["parameters"] {
  return endpoint.parameters.filter((parameter) => parameter.name !== "Generation");
}

function formOf(endpoint: Endpoint, texts: Record<string, string>, samples: Samples) {
  const inputs: Record<string, Record<string, Json>> = {};
  for (const [port, columns] of Object.entries(endpoint.inputs)) {
    inputs[port] = Object.fromEntries(
      (columns ?? []).map((column) => {
        const text = texts[fieldKey(port, column.name)];
        return [column.name, text === undefined ? (samples[port]?.[column.name] ?? sampleValue(column)) : typedValue(column, text)];
      }),
    );
  }
  // a parameter with a default is sent only when something was typed for it
  const parameters = Object.fromEntries(
    parametersOf(endpoint).flatMap((parameter) => {
      const text = texts[fieldKey("", parameter.name)];
      if (text === undefined && parameter.default !== undefined) return [];
      const type = { int: "Integer", float: "Double", bool: "Boolean" }[parameter.type ?? ""] ?? "String";
      return [[parameter.name, typedValue({ name: parameter.name, type }, text ?? "")]];
    }),
  );
  return { request: requestOf(inputs, parameters), parameters };
}

function TestForm({ service, endpoint, texts, onTexts, samples, request }: { service: WebService; endpoint: Endpoint; texts: Record<string, string>; onTexts: (texts: Record<string, string>) => void; samples: Samples; request: Json }) {
  const call = useMutation({
    mutationFn: async () => {
      const began = performance.now();
      const answer = await post<Json>(`/services/${encodeURIComponent(service.id)}/endpoints/${encodeURIComponent(endpoint.name)}/call`, request, { format: "swagger" });
      return { answer, ms: performance.now() - began };
    },
  });
  const set = (key: string, text: string) => onTexts({ ...texts, [key]: text });
  return (
    <div className="two">
      <form
        className="stack-5"
        onSubmit={(event) => {
          event.preventDefault();
          call.mutate();
        }}
      >
        {Object.entries(endpoint.inputs).map(([port, columns]) => (
          <fieldset key={port} className="card stack-3 form">
            <legend>{port}</legend>
            {columns === null && <p className="muted">{t("services.noSchema")}</p>}
            {(columns ?? []).map((column) => {
              const key = fieldKey(port, column.name);
              const values = Array.isArray(column.values) ? column.values.map(String) : [];
              const value = texts[key] ?? String(samples[port]?.[column.name] ?? sampleValue(column) ?? "");
              return (
                <div key={column.name} className="form-row">
                  <label htmlFor={key}>
                    {column.name} <span className="muted small">{column.type}</span>
                  </label>
                  {values.length ? (
                    <select id={key} className="select" value={value} onChange={(event) => set(key, event.target.value)}>
                      {values.map((one) => (
                        <option key={one}>{one}</option>
                      ))}
                    </select>
                  ) : (
                    <input id={key} className="input" value={value} onChange={(event) => set(key, event.target.value)} />
                  )}
                </div>
              );
            })}
          </fieldset>
        ))}
        {parametersOf(endpoint).length > 0 && (
          <fieldset className="card stack-3 form">
            <legend>{t("services.parameters")}</legend>
            {parametersOf(endpoint).map((parameter) => {
              const key = fieldKey("", parameter.name);
              return (
                <div key={parameter.name} className="form-row">
                  <label htmlFor={key}>{parameter.name}</label>
                  <input id={key} className="input" value={texts[key] ?? String(parameter.default ?? "")} onChange={(event) => set(key, event.target.value)} />
                </div>
              );
            })}
          </fieldset>
        )}
        <div>
          <button type="submit" className="button primary" disabled={call.isPending}>
            <Icon name="run" /> {t("services.call")}
          </button>
        </div>
      </form>
      <section className="stack-3" aria-live="polite">
        <h3>{t("services.answer")}</h3>
        {call.error && <Problems problems={problemsIn(call.error)} />}
        {call.data ? (
          <>
            <p className="small muted">{t("services.took", { ms: Math.round(call.data.ms) })}</p>
            <Answer answer={call.data.answer} />
          </>
        ) : (
          !call.error && <p className="muted">{t("services.notCalled")}</p>
        )}
      </section>
    </div>
  );
}

/** The rows that came back, and the whole answer as text. */
function Answer({ answer }: { answer: Json }) {
  const results = isObject(answer) && isObject(answer.Results) ? Object.entries(answer.Results) : [];
  return (
    <div className="stack-3">
      {results.map(([name, rows]) => {
        const list = Array.isArray(rows) ? rows.filter(isObject) : [];
        const columns = Object.keys(list[0] ?? {});
        return (
          <div key={name} className="stack">
            <h4>{name}</h4>
            {columns.length > 0 && (
              <div className="table-box" tabIndex={0} role="group" aria-label={name}>
                <table className="list">
                  <tbody>
                    {columns.map((column) => (
                      <tr key={column}>
                        <th scope="row">{column}</th>
                        {list.slice(0, 5).map((row, place) => (
                          <td key={place}>{String(row[column] ?? "")}</td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </div>
        );
      })}
      <details>
        <summary>{t("services.raw")}</summary>
        <pre className="code">{JSON.stringify(answer, null, 2)}</pre>
      </details>
    </div>
  );
}

function Code({ endpoint, request }: { endpoint: Endpoint; request: Json }) {
  const [language, setLanguage] = useState<CodeLanguage>("python");
  const text = clientCode(language, { address: location.origin + endpoint.path, request });
  return (
    <Tabs
      label={t("services.code")}
      chosen={language}
      onChoose={setLanguage}
      tabs={[
        { key: "python", title: "Python" },
        { key: "r", title: "R" },
        { key: "csharp", title: "C#" },
        { key: "curl", title: "curl" },
      ]}
    >
      <div className="stack">
        <div className="row">
          <p className="muted grow">{t("services.codeHint")}</p>
          <CopyButton text={text} />
        </div>
        <div className="script-box code-box">
          <CodeEditor key={language} text={text} language={language === "python" ? "python" : language === "r" ? "r" : "text"} label={t("services.code")} isReadOnly />
        </div>
      </div>
    </Tabs>
  );
}

function Keys({ service, endpoint }: { service: WebService; endpoint: Endpoint }) {
  const path = `/services/${encodeURIComponent(service.id)}/endpoints/${encodeURIComponent(endpoint.name)}/keys`;
  const found = useQuery({ queryKey: ["keys", service.id, endpoint.name], queryFn: () => get<{ primary_key: string; secondary_key: string }>(path), gcTime: 0 });
  const [isShown, setShown] = useState(false);
  const renew = useMutation({
    mutationFn: (which: "Primary" | "Secondary") => post(path, { which }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["keys", service.id, endpoint.name] }),
  });
  return (
    <div className="stack-3">
      <p className="muted">{t("services.keysHint")}</p>
      {(found.error || renew.error) && <Problems problems={problemsIn(found.error ?? renew.error)} />}
      <label className="check">
        <input type="checkbox" checked={isShown} onChange={(event) => setShown(event.target.checked)} /> {t("services.showKeys")}
      </label>
      {found.data &&
        (["Primary", "Secondary"] as const).map((which) => {
          const key = which === "Primary" ? found.data.primary_key : found.data.secondary_key;
          return (
            <div key={which} className="card row wrap">
              <strong>{t(which === "Primary" ? "services.primary" : "services.secondary")}</strong>
              <code className="mono cut grow">{isShown ? key : "•".repeat(32)}</code>
              <CopyButton text={key} />
              <Button small icon="reused" onClick={() => renew.mutate(which)}>
                {t("services.renew")}
              </Button>
            </div>
          );
        })}
    </div>
  );
}

function Schema({ endpoint }: { endpoint: Endpoint }) {
  const sides = [
    [t("services.inputs"), endpoint.inputs],
    [t("services.outputs"), endpoint.outputs],
  ] as const;
  return (
    <div className="two">
      {sides.map(([title, ports]) => (
        <section key={title} className="stack-3">
          <h2>{title}</h2>
          {Object.entries(ports).map(([name, columns]) => (
            <div key={name} className="stack">
              <h3>{name}</h3>
              {columns === null ? (
                <p className="muted">{t("services.noSchema")}</p>
              ) : (
                <div className="table-box">
                  <table className="list">
                    <tbody>
                      {columns.map((column) => (
                        <tr key={column.name}>
                          <th scope="row">{column.name}</th>
                          <td className="muted">{column.type}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}
