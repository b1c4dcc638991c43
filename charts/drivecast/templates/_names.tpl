{{- define "drivecast.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "drivecast.selector" -}}
app.kubernetes.io/name: drivecast
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "drivecast.labels" -}}
{{ include "drivecast.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* The host's id: part of the name of the queue behind its blob trigger, and so to be known. At most 32 characters. */}}
{{- define "drivecast.hostId" -}}
{{- printf "drivecast-%s" .Release.Name | lower | trunc 32 | trimSuffix "-" -}}
{{- end -}}
