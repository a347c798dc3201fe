import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { address, get, post, problemsIn, put, remove } from "../api/client";
import { queries } from "../api/queries";
import type { DatastoreView, StoreLevel, StoreTest } from "../api/shapes";
import { formatBytes, formatCount, t } from "../i18n/i18n";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Icon } from "../ui/Icon";
import { ListPage } from "../ui/ListPage";
import type { ListColumn } from "../ui/ListTable";
import { Loading } from "../ui/Page";
import { Problems } from "../ui/Problems";
import { AskDialog } from "./AskDialog";
import { DatastoreForm } from "./DatastoreForm";
import { go } from "./router";

export function DatastoresPage({ shown, path }: { shown: string | null; path: string }) {
  const found = useQuery({ queryKey: ["stores"], queryFn: async () => (await get<{ stores: DatastoreView[] }>("/stores")).stores });
  const [isNew, setNew] = useState(false);
  const [gone, setGone] = useState<DatastoreView | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ["stores"] });
  const prefer = useMutation({ mutationFn: (name: string) => put(`/stores/${encodeURIComponent(name)}/default`, {}), onSuccess: again });
  const columns: ListColumn<DatastoreView>[] = [
    {
      title: t("ui.name"),
      cell: (one) => (
        <>
          {one.holds_files ? (
            <button type="button" className="link-button" onClick={() => go(`/datastores?name=${encodeURIComponent(one.name)}`)}>
              {one.name}
            </button>
          ) : (
            one.name
          )}{" "}
          {one.is_default && <span className="chip">{t("stores.default")}</span>}
        </>
      ),
    },
    { title: t("stores.kind"), isMuted: true, cell: (one) => t(`stores.kind.${one.kind}` as "stores.kind.S3") },
    { title: t("stores.where"), cell: (one) => (one.is_usual ? <span className="muted">{t("stores.inWorkspace")}</span> : <span className="mono wrap-any">{one.where}</span>) },
    {
      title: t("stores.secret"),
      isMuted: true,
      cell: (one) =>
        one.has_secret ? (
          <span className="row">
            <Icon name="key" /> {t("stores.hasSecret")}
          </span>
        ) : (
          ""
        ),
    },
    { title: t("stores.connection"), cell: (one) => <Connection name={one.name} /> },
    {
      title: t("ui.actions"),
      isBare: true,
      isNumber: true,
      cell: (one) => (
        <>
          {!one.is_default && (
            <Button small onClick={() => prefer.mutate(one.name)}>
              {t("stores.makeDefault")}
            </Button>
          )}
          {!one.is_usual && <IconButton small icon="trash" label={t("stores.unregister", { name: one.name })} onClick={() => setGone(one)} />}
        </>
      ),
    },
  ];
  return (
    <ListPage
      title={t("nav.datastores")}
      lead={t("stores.lead")}
      actions={
        <Button look="primary" icon="plus" onClick={() => setNew(true)}>
          {t("stores.register")}
        </Button>
      }
      rows={found.data}
      problems={[...(found.error ? problemsIn(found.error) : []), ...(prefer.error ? problemsIn(prefer.error) : [])]}
      columns={columns}
      keyOf={(one) => one.name}
      empty={{ title: t("nav.datastores"), children: null }}
    >
      {isNew && <DatastoreForm onClose={() => setNew(false)} />}
      {shown && <Browse name={shown} path={path} onClose={() => go("/datastores")} />}
      {gone && (
        <AskDialog
          title={t("stores.unregisterTitle")}
          verb={t("stores.unregisterVerb")}
          onClose={() => setGone(null)}
          onDo={async () => {
            await remove(`/stores/${encodeURIComponent(gone.name)}`);
            await again();
          }}
        >
          <p>{t("stores.unregisterText", { name: gone.name })}</p>
        </AskDialog>
      )}
    </ListPage>
  );
}

/** A button that tries to reach the store, and how that went. */
function Connection({ name }: { name: string }) {
  const tried = useMutation({ mutationFn: () => post<StoreTest>(`/stores/${encodeURIComponent(name)}/test`, {}) });
  const said = tried.error ? problemsIn(tried.error)[0]?.message : tried.data?.reached === false ? tried.data.said : undefined;
  return (
    <div className="stack">
      <div className="row">
        <Button small disabled={tried.isPending} aria-label={t("stores.testOf", { name })} onClick={() => tried.mutate()}>
          {t(tried.isPending ? "stores.testing" : "stores.test")}
        </Button>
        {tried.data?.reached && (
          <span className="small row" role="status">
            <span className="state completed">
              <Icon name="done" />
            </span>
            {t("stores.reached", { time: `${formatCount(Math.max(1, Math.round(tried.data.seconds * 1000)))} ms` })}
          </span>
        )}
      </div>
      {said && (
        <p className="small row" role="status">
          <span className="state failed">
            <Icon name="cross" />
          </span>
          <span className="wrap-any">{said}</span>
        </p>
      )}
    </div>
  );
}

/** Folders and files of a store, a level at a time. */
function Browse({ name, path, onClose }: { name: string; path: string; onClose: () => void }) {
  const found = useQuery({
    queryKey: ["store-level", name, path],
    queryFn: () => get<StoreLevel>(`/stores/${encodeURIComponent(name)}/level`, { path }),
    retry: false,
  });
  const parts = path.split("/").filter(Boolean);
  const open = (to: string) => go(`/datastores?name=${encodeURIComponent(name)}${to ? `&path=${encodeURIComponent(to)}` : ""}`);
  return (
    <Dialog title={name} size="middle" onClose={onClose}>
      <div className="stack-3">
        <nav className="row wrap" aria-label={t("stores.place")}>
          <button type="button" className="link-button" onClick={() => open("")}>
            {name}
          </button>
          {parts.map((part, place) => (
            <span key={`${place} ${part}`} className="row">
              <span aria-hidden="true">/</span>
              <button type="button" className="link-button" aria-current={place === parts.length - 1 || undefined} onClick={() => open(parts.slice(0, place + 1).join("/"))}>
                {part}
              </button>
            </span>
          ))}
        </nav>
        {found.isPending && <Loading what={t("ui.loading")} />}
        {found.error && <Problems problems={problemsIn(found.error)} />}
        {found.data?.items.length === 0 && <p className="muted">{t("stores.nothingThere")}</p>}
        {found.data && found.data.items.length > 0 && (
          <ul className="plain-list">
            {found.data.items.map((item) => {
              const full = [...parts, item.name].join("/");
              return (
                <li key={item.name}>
                  <Icon name={item.is_folder ? "folder" : "file"} />
                  {item.is_folder ? (
                    <button type="button" className="link-button grow" onClick={() => open(full)}>
                      {item.name}/
                    </button>
                  ) : (
                    <span className="grow mono wrap-any">{item.name}</span>
                  )}
                  {item.files != null && <span className="small muted">{t("stores.filesIn", { count: formatCount(item.files) })}</span>}
                  <span className="small muted num">{item.size == null ? "" : formatBytes(item.size)}</span>
                  {!item.is_folder && (
                    <a className="button icon plain small" href={address(`/datastores/${encodeURIComponent(name)}/content`, { path: full })} download={item.name} aria-label={t("datasets.download", { name: item.name })} title={t("datasets.download", { name: item.name })}>
                      <Icon name="download" />
                    </a>
                  )}
                </li>
              );
            })}
          </ul>
        )}
        {(found.data?.left_out ?? 0) > 0 && <p className="small muted">{t("stores.leftOut", { count: formatCount(found.data?.left_out ?? 0) })}</p>}
      </div>
    </Dialog>
  );
}
