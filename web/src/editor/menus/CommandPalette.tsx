// Every command and every operator of the document, found by typing.
import * as Radix from "@radix-ui/react-dialog";
import { useTranslation } from "react-i18next";
import type { Catalogue } from "@/graph/model";
import { useLanguage } from "@/i18n/language";
import { categoryIcon } from "../canvas/icons";
import { namesOf } from "../canvas/names";
import { COMMANDS, type CommandContext, keysText } from "../commands";
import { shownDag } from "../state/context";
import { useUi } from "../state/ui";
import { type Choice, Chooser } from "./Chooser";

export function CommandPalette({ context, catalogue }: { context: () => CommandContext; catalogue: Catalogue }) {
  const { t, i18n } = useTranslation("editor");
  const language = useLanguage();
  const close = () => useUi.setState({ commands: false });
  const choices = (query: string): Choice[] => {
    const now = context();
    const word = query.trim().toLowerCase();
    const other = language === "en" ? "zh" : "en";
    const commands = COMMANDS.filter((command) => command.enabled(now))
      .map((command) => ({ command, text: t(`command.${command.id}`), also: String(i18n.getResource(other, "editor", `command.${command.id}`) ?? "") }))
      .filter(({ command, text, also }) => `${text} ${also} ${command.id}`.toLowerCase().includes(word))
      .map(({ command, text }): Choice => ({
        id: command.id,
        content: <><command.icon size={15} aria-hidden /><span className="grow">{text}</span><span className="keys">{keysText(command)}</span></>,
        take: () => command.run(context()),
      }));
    const operators = word === "" ? [] : shownDag(now.state).operators
      .map((operator) => ({ operator, names: namesOf(operator, catalogue.get(operator.algo_name), language) }))
      .filter(({ operator, names }) => `${names.title} ${names.second} ${operator.id} ${operator.cn_name ?? ""}`.toLowerCase().includes(word))
      .map(({ operator, names }): Choice => {
        const Icon = categoryIcon(catalogue.get(operator.algo_name)?.category);
        return {
          id: operator.id,
          content: <><Icon size={15} aria-hidden /><span className="grow clip">{names.title}</span><span className="keys">{t("chooser.goTo")}</span></>,
          take: () => {
            context().state.select({ operators: new Set([operator.id]), edges: new Set() });
            useUi.getState().control?.reveal(operator.id);
          },
        };
      });
    return [...commands, ...operators];
  };
  return (
    <Radix.Root open onOpenChange={(open) => { if (!open) close(); }}>
      <Radix.Portal>
        <Radix.Overlay className="veil" />
        <Radix.Content className="menu command-palette" aria-describedby={undefined} data-testid="command-palette">
          <Radix.Title className="hidden-visually">{t("command.commands")}</Radix.Title>
          <Chooser label={t("chooser.search")} testId="commands" onClose={close} choices={choices} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
