// What the selected operator does; and all keys.
import { useTranslation } from "react-i18next";
import { type Catalogue, operatorOf } from "@/graph/model";
import { chosen, useLanguage } from "@/i18n/language";
import { Dialog } from "@/ui/Dialog";
import { COMMANDS, keysText } from "../commands";
import { shownDag, useEditor } from "../state/context";
import { useUi } from "../state/ui";

export function HelpDialog({ catalogue }: { catalogue: Catalogue }) {
  const { t } = useTranslation("editor");
  const language = useLanguage();
  const about = useUi((state) => state.help);
  const dag = useEditor(shownDag);
  const operator = about ? operatorOf(dag, about) : undefined;
  const kind = operator && catalogue.get(operator.algo_name);
  const ports = [...(kind?.inputs.map((port) => ({ port, way: t("help.in") })) ?? []), ...(kind?.outputs.map((port) => ({ port, way: t("help.out") })) ?? [])];
  return (
    <Dialog wide title={kind ? chosen(language, kind.name_en, kind.name_zh) : t("help.title")} onClose={() => useUi.setState({ help: null })}>
      {kind ? (
        <>
          <p>{chosen(language, kind.doc_en, kind.doc_zh)}</p>
          <table className="table help-table">
            <tbody>
              {ports.map(({ port, way }) => (
                <tr key={`${way} ${port.name}`}><td className="muted">{way}</td><td className="mono">{port.name}</td><td>{t(`port.${port.type}`)}</td><td>{chosen(language, port.doc_en, port.doc_zh)}</td></tr>
              ))}
              {kind.params.filter((spec) => !spec.legacy).map((spec) => (
                <tr key={spec.name}><td className="muted">{t("help.param")}</td><td className="mono">{spec.name}</td><td>{chosen(language, spec.label_en, spec.label_zh)}</td><td>{chosen(language, spec.help_en, spec.help_zh)}</td></tr>
              ))}
            </tbody>
          </table>
        </>
      ) : null}
      <h3>{t("help.keys")}</h3>
      <div className="help-keys">
        {COMMANDS.filter((command) => command.keys.length > 0).map((command) => (
          <div key={command.id}><kbd>{keysText(command)}</kbd> {t(`command.${command.id}`)}</div>
        ))}
        <div><kbd>{t("help.previewKeys")}</kbd> {t("help.preview")}</div>
        <div><kbd>{t("help.boxKeys")}</kbd> {t("help.box")}</div>
        <div><kbd>{t("help.paletteKeys")}</kbd> {t("help.palette")}</div>
      </div>
    </Dialog>
  );
}
