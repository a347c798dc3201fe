import { problemsIn } from "../api/client";
import { useServices } from "../api/queries";
import type { WebService } from "../api/shapes";
import { formatTime, t } from "../i18n/i18n";
import { ListPage } from "../ui/ListPage";
import type { ListColumn } from "../ui/ListTable";
import { Link } from "./Link";

export function ServicesPage() {
  const found = useServices();
  const columns: ListColumn<WebService>[] = [
    {
      title: t("services.name"),
      cell: (one) => (
        <>
          <Link href={`/services/${one.id}`}>{one.name}</Link>
          {one.description && <div className="small muted">{one.description}</div>}
        </>
      ),
    },
    { title: t("services.endpoints"), cell: (one) => one.endpoints.map((endpoint) => endpoint.name).join(", ") },
    { title: t("services.inputs"), isMuted: true, cell: (one) => Object.keys(one.endpoints[0]?.inputs ?? {}).join(", ") },
    { title: t("services.created"), isMuted: true, cell: (one) => formatTime(one.created_at) },
  ];
  return (
    <ListPage
      title={t("nav.services")}
      lead={t("services.lead")}
      rows={found.data}
      problems={found.error ? problemsIn(found.error) : []}
      columns={columns}
      keyOf={(one) => one.id}
      search={{ label: t("services.search"), textOf: (one) => `${one.name} ${one.description}` }}
      empty={{ title: t("services.noneTitle"), children: <p>{t("services.noneText")}</p> }}
    />
  );
}
