// The address that is told how runs of the DAG ended.
import { useTranslation } from "react-i18next";
import { PlainField } from "./PlainField";

const BEGINS = "https://";

interface WebhookFieldProps {
  field: "on_failure" | "on_success";
  value: unknown;
  readOnly: boolean;
  onCommit: (value: unknown) => boolean;
}

export function WebhookField({ field, value, readOnly, onCommit }: WebhookFieldProps) {
  const { t } = useTranslation("schedules");
  return (
    <PlainField
      label={t(field)} help={t("webhookHelp")} value={addressOf(value)} placeholder={BEGINS} readOnly={readOnly} testId={`dag-${field}`}
      onCommit={(webhook) => onCommit(webhook === "" ? null : { webhook })}
    />
  );
}

function addressOf(given: unknown): string {
  if (typeof given === "string") return given;
  const webhook = typeof given === "object" && given !== null ? (given as Record<string, unknown>).webhook : undefined;
  return typeof webhook === "string" ? webhook : "";
}
