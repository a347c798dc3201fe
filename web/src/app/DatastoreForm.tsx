import { useState } from "react";
import { post, problemsIn } from "../api/client";
import { queries } from "../api/queries";
import type { Key } from "../i18n/en";
import { t } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import type { ShownProblem } from "../ui/Problems";
import { Problems } from "../ui/Problems";

interface FieldOf {
  name: string;
  label: Key;
  isSecret?: boolean;
  isNeeded?: boolean;
  hint?: Key;
}

/** What each kind asks for; names are those of the SDK's register functions. */
const KINDS: Record<string, FieldOf[]> = {
  LocalFolder: [{ name: "path", label: "stores.field.path", isNeeded: true, hint: "stores.hint.path" }],
  AzureBlob: [
    { name: "account_name", label: "stores.field.account", isNeeded: true },
    { name: "container_name", label: "stores.field.container", isNeeded: true },
    { name: "endpoint", label: "stores.field.endpoint", hint: "stores.hint.endpoint" },
    { name: "account_key", label: "stores.field.accountKey", isSecret: true },
    { name: "sas_token", label: "stores.field.sas", isSecret: true },
  ],
  S3: [
    { name: "bucket", label: "stores.field.bucket", isNeeded: true },
    { name: "endpoint", label: "stores.field.endpoint", hint: "stores.hint.s3" },
    { name: "region", label: "stores.field.region" },
    { name: "access_key", label: "stores.field.accessKey", isSecret: true },
    { name: "secret_key", label: "stores.field.secretKey", isSecret: true },
  ],
  AzurePostgreSql: [
    { name: "server_name", label: "stores.field.server", isNeeded: true },
    { name: "database_name", label: "stores.field.database", isNeeded: true },
    { name: "port_number", label: "stores.field.port" },
    { name: "user_id", label: "stores.field.user", isSecret: true },
    { name: "user_password", label: "stores.field.password", isSecret: true },
  ],
  Sqlite: [{ name: "path", label: "stores.field.file", isNeeded: true, hint: "stores.hint.path" }],
};

/** Registers a store after it has let us in. What is typed as a secret is sent once and not shown again. */
export function DatastoreForm({ onClose }: { onClose: () => void }) {
  const [kind, setKind] = useState("LocalFolder");
  const [name, setName] = useState("");
  const [given, setGiven] = useState<Record<string, string>>({});
  const [problems, setProblems] = useState<ShownProblem[]>([]);
  const [isBusy, setBusy] = useState(false);
  const fields = KINDS[kind] ?? [];
  const valuesOf = (isSecret: boolean) => Object.fromEntries(fields.filter((field) => (field.isSecret ?? false) === isSecret && given[field.name]).map((field) => [field.name, given[field.name] ?? ""]));
  const isWhole = name !== "" && fields.every((field) => !field.isNeeded || given[field.name]);
  const send = async () => {
    setBusy(true);
    try {
      await post("/stores", { datastore: { name, kind, settings: valuesOf(false) }, secrets: valuesOf(true) });
      await queries.invalidateQueries({ queryKey: ["stores"] });
      onClose();
    } catch (error) {
      setProblems(problemsIn(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("stores.register")} onClose={onClose}>
      <form
        className="stack-3"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Problems problems={problems} />
        <div className="field">
          <label htmlFor="store-kind">{t("stores.kind")}</label>
          <select id="store-kind" className="select" value={kind} onChange={(event) => setKind(event.target.value)}>
            {Object.keys(KINDS).map((one) => (
              <option key={one} value={one}>
                {t(`stores.kind.${one}` as "stores.kind.S3")}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="store-name">{t("ui.name")}</label>
          <input id="store-name" className="input" value={name} required pattern="[A-Za-z0-9_][A-Za-z0-9_\-]{0,254}" onChange={(event) => setName(event.target.value)} />
        </div>
        {fields.map((field) => (
          <div key={field.name} className="field">
            <label htmlFor={`store-${field.name}`}>
              {t(field.label)} {field.isSecret && <span className="muted small">{t("stores.neverShown")}</span>}
            </label>
            <input
              id={`store-${field.name}`}
              className="input"
              type={field.isSecret ? "password" : "text"}
              autoComplete={field.isSecret ? "new-password" : "off"}
              required={field.isNeeded}
              aria-describedby={field.hint ? `store-${field.name}-hint` : undefined}
              value={given[field.name] ?? ""}
              onChange={(event) => setGiven({ ...given, [field.name]: event.target.value })}
            />
            {field.hint && (
              <div className="hint" id={`store-${field.name}-hint`}>
                {t(field.hint)}
              </div>
            )}
          </div>
        ))}
        <div className="row">
          <span className="grow" />
          <Button onClick={onClose}>{t("ui.cancel")}</Button>
          <button type="submit" className="button primary" disabled={!isWhole || isBusy}>
            {t(isBusy ? "stores.trying" : "stores.registerVerb")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
