import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { post, problemsIn, remove, signOut } from "../api/client";
import { queries, useDoctor, useTokens } from "../api/queries";
import type { Token } from "../api/shapes";
import type { Language } from "../i18n/i18n";
import { chooseLanguage, formatTime, LANGUAGES, t, useLanguage } from "../i18n/i18n";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { ListTable } from "../ui/ListTable";
import { Loading, Page } from "../ui/Page";
import { Problems } from "../ui/Problems";
import { IsolationSection } from "./IsolationSection";
import { StorageSection } from "./StorageSection";

const SCOPES = ["read", "submit", "admin"] as const;

export function SettingsPage() {
  const language = useLanguage();
  const doctor = useDoctor().data;
  return (
    <Page
      title={t("nav.settings")}
      actions={<Button onClick={() => void signOut()}>{t("settings.signOut")}</Button>}
    >
      <div className="two">
        <section className="card stack-3">
          <h2>{t("settings.page")}</h2>
          <div className="field">
            <label htmlFor="language">{t("settings.language")}</label>
            <select id="language" className="select" value={language} onChange={(event) => chooseLanguage(event.target.value as Language)}>
              {Object.entries(LANGUAGES).map(([key, name]) => (
                <option key={key} value={key}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          <p className="muted small">{t("settings.theme")}</p>
        </section>
        <section className="card stack-3">
          <h2>{t("settings.about")}</h2>
          {!doctor ? (
            <Loading what={t("ui.loading")} />
          ) : (
            <dl className="facts">
              <dt>Skyloom</dt>
              <dd>{doctor.skyloom}</dd>
              <dt>{t("settings.home")}</dt>
              <dd className="mono">{doctor.home}</dd>
              <dt>{t("settings.records")}</dt>
              <dd>{doctor.records}</dd>
              <dt>{t("settings.libraries")}</dt>
              <dd>
                {Object.entries(doctor.libraries)
                  .filter(([, version]) => version)
                  .map(([name, version]) => `${name} ${version}`)
                  .join(", ")}
              </dd>
            </dl>
          )}
        </section>
      </div>
      <IsolationSection doctor={doctor} />
      <StorageSection />
      <Tokens />
    </Page>
  );
}

function Tokens() {
  const found = useTokens();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set(["read", "submit"]));
  const [days, setDays] = useState("90");
  const again = () => queries.invalidateQueries({ queryKey: ["tokens"] });
  const create = useMutation({
    mutationFn: () =>
      post<Token & { token: string }>("/tokens", { name, scopes: [...scopes], expires_in_s: days ? Number(days) * 86_400 : null }),
    onSuccess: again,
  });
  const revoke = useMutation({ mutationFn: (id: string) => remove(`/tokens/${encodeURIComponent(id)}`), onSuccess: again });
  const failed = found.error ?? create.error ?? revoke.error;
  return (
    <section className="card stack-3">
      <h2>{t("settings.tokens")}</h2>
      <p className="muted">{t("settings.tokensText")}</p>
      {failed && <Problems problems={problemsIn(failed)} />}
      <form
        className="row wrap"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <input className="input token-name" value={name} placeholder={t("settings.tokenName")} aria-label={t("settings.tokenName")} onChange={(event) => setName(event.target.value)} />
        {SCOPES.map((scope) => (
          <label key={scope} className="check">
            <input
              type="checkbox"
              checked={scopes.has(scope)}
              onChange={() => {
                const next = new Set(scopes);
                if (!next.delete(scope)) next.add(scope);
                setScopes(next);
              }}
            />
            {scope}
          </label>
        ))}
        <select className="select narrow-select" aria-label={t("settings.expires")} value={days} onChange={(event) => setDays(event.target.value)}>
          {["1", "30", "90", "365"].map((count) => (
            <option key={count} value={count}>
              {t("settings.days", { count })}
            </option>
          ))}
          <option value="">{t("settings.never")}</option>
        </select>
        <button type="submit" className="button primary" disabled={!scopes.size || create.isPending}>
          {t("settings.makeToken")}
        </button>
      </form>
      {create.data && (
        <div className="note good">
          <div className="stack grow">
            <strong>{t("settings.tokenOnce")}</strong>
            <div className="row">
              <code className="mono cut grow">{create.data.token}</code>
              <CopyButton text={create.data.token} />
            </div>
          </div>
        </div>
      )}
      <ListTable
        label={t("settings.tokens")}
        rows={found.data ?? []}
        keyOf={(token) => token.id}
        columns={[
          { title: t("ui.name"), cell: (token) => token.name || <span className="mono small">{token.id}</span> },
          { title: t("settings.scopes"), isMuted: true, cell: (token) => token.scopes.join(", ") },
          { title: t("settings.lastUsed"), isMuted: true, cell: (token) => (token.last_used_at ? formatTime(token.last_used_at) : t("settings.neverUsed")) },
          { title: t("settings.expires"), isMuted: true, cell: (token) => (token.revoked_at ? t("settings.revoked") : token.expires_at ? formatTime(token.expires_at) : t("settings.never")) },
          {
            title: t("ui.actions"),
            isBare: true,
            isNumber: true,
            cell: (token) =>
              !token.revoked_at && (
                <Button small onClick={() => revoke.mutate(token.id)}>
                  {t("settings.revoke")}
                </Button>
              ),
          },
        ]}
      />
    </section>
  );
}
