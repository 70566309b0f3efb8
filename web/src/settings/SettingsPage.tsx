// What this installation is: version, isolation, interpreter, executors, what DAGs may read and call.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { keys } from "@/api/queries";
import { getSettings } from "@/api/settings";
import { useTheme, type ThemeChoice } from "@/app/theme";
import { formatNumber } from "@/i18n/format";
import { useLanguage } from "@/i18n/language";
import { LANGUAGES, switchLanguage } from "@/i18n/setup";
import { Failure } from "@/ui/Failure";
import { Spinner } from "@/ui/Spinner";
import "./settings.css";

const THEMES: readonly ThemeChoice[] = ["system", "light", "dark"];

export default function SettingsPage() {
  const { t } = useTranslation("settings");
  const language = useLanguage();
  const { choice, choose } = useTheme();
  const { data, error, refetch } = useQuery({ queryKey: keys.settings, queryFn: getSettings });
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (!data) return <div className="empty"><Spinner /></div>;
  return (
    <div className="page">
      <div className="page-inner">
        <h1>{t("title")}</h1>
        <section className="card settings-card">
          <h2>{t("appearance")}</h2>
          <div className="row" role="group" aria-label={t("language")}>
            <span className="settings-label">{t("language")}</span>
            {LANGUAGES.map((one) => <button key={one} type="button" className="button" aria-pressed={language === one} onClick={() => switchLanguage(one)} data-testid={`settings-language-${one}`}>{t(`languages.${one}`)}</button>)}
          </div>
          <div className="row" role="group" aria-label={t("app:theme.label")}>
            <span className="settings-label">{t("app:theme.label")}</span>
            {THEMES.map((one) => <button key={one} type="button" className="button" aria-pressed={choice === one} onClick={() => choose(one)} data-testid={`settings-theme-${one}`}>{t(`app:theme.${one}`)}</button>)}
          </div>
        </section>
        <section className="card settings-card">
          <h2>{t("installation")}</h2>
          <dl className="settings-facts">
            <dt>{t("version")}</dt><dd className="num">{data.version}</dd>
            <dt>{t("isolation")}</dt><dd>{data.isolation}</dd>
            <dt>{t("python")}</dt><dd>{data.python.version} <span className="muted mono">{data.python.path}</span></dd>
            <dt>{t("home")}</dt><dd className="mono">{data.home}</dd>
            <dt>{t("roots")}</dt><dd>{data.data_roots.length > 0 ? data.data_roots.map((root) => <div key={root} className="mono">{root}</div>) : <span className="muted">{t("noRoots")}</span>}</dd>
            <dt>{t("webhooks")}</dt><dd>{data.webhook_hosts.length > 0 ? data.webhook_hosts.join(", ") : <span className="muted">{t("noWebhooks")}</span>}</dd>
          </dl>
        </section>
        <section className="card settings-table">
          <table className="table">
            <thead><tr><th>{t("executor")}</th><th className="num">{t("slots")}</th><th>{t("isolation")}</th><th>{t("state")}</th></tr></thead>
            <tbody>
              {data.executors.map((executor) => (
                <tr key={executor.name}>
                  <td>{executor.name}{executor.default ? <> <span className="tag tag-accent">{t("default")}</span></> : null}</td>
                  <td className="num">{formatNumber(language, executor.slots)}</td>
                  <td>{executor.isolation}</td>
                  <td data-testid={`executor-state-${executor.name}`}>{t(`states.${executor.state}`)}{executor.why ? <span className="bad"> {executor.why}</span> : null}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </div>
  );
}
