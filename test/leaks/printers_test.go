package leaks

import (
	"fmt"
	"strings"

	"github.com/alecthomas/repr"
	"github.com/davecgh/go-spew/spew"
	"github.com/k0kubun/pp/v3"
	"github.com/kr/pretty"
	"github.com/onsi/gomega/format"
	"github.com/rs/zerolog"
	"github.com/sanity-io/litter"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// dumpers are packages that print values for people who debug. They walk a value
// by reflection and call its methods only if they are told to, or not at all.
func dumpers() map[string]printer {
	colorless := pp.New()
	colorless.SetColoringEnabled(false)
	all := map[string]printer{
		"spew %#+v":             func(v any) string { return spew.Sprintf("%#+v %v", v, v) },
		"pp":                    func(v any) string { return colorless.Sprint(v) },
		"litter":                func(v any) string { return litter.Sdump(v) },
		"litter, private":       func(v any) string { return litter.Options{}.Sdump(v) },
		"litter, strict":        func(v any) string { return litter.Options{StrictGo: true, DisablePointerReplacement: true}.Sdump(v) },
		"kr/pretty":             func(v any) string { return pretty.Sprint(v) },
		"kr/pretty %# v":        func(v any) string { return fmt.Sprintf("%# v", pretty.Formatter(v)) },
		"repr":                  func(v any) string { return repr.String(v) },
		"repr, no GoStringer":   func(v any) string { return repr.String(v, repr.IgnoreGoStringer(), repr.AlwaysIncludeType()) },
		"repr, ScalarLiterals":  func(v any) string { return repr.String(v, repr.ScalarLiterals(), repr.ExplicitTypes(true)) },
		"gomega format.Object":  func(v any) string { return format.Object(v, 1) },
		"gomega format.Message": func(v any) string { return format.Message(v, "to equal", nil) },
	}
	for name, config := range map[string]spew.ConfigState{
		"spew":                        {Indent: " "},
		"spew, DisableMethods":        {Indent: " ", DisableMethods: true},
		"spew, DisablePointerMethods": {Indent: " ", DisablePointerMethods: true},
		"spew, ContinueOnMethod":      {Indent: " ", ContinueOnMethod: true},
		"spew, as testify sets it":    {Indent: " ", DisablePointerAddresses: true, DisableCapacities: true, SortKeys: true, DisableMethods: true, MaxDepth: 10},
		"spew, SpewKeys":              {Indent: " ", SortKeys: true, SpewKeys: true, DisableMethods: true},
	} {
		all[name] = func(v any) string { return config.Sdump(v) + config.Sprint(v) }
	}
	return all
}

// loggers are the ways in which other packages than log/slog write a value.
func loggers() map[string]printer {
	return map[string]printer{
		"zap JSON": func(v any) string {
			var b strings.Builder
			zapTo(&b, zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())).Info("call", zap.Any("v", v), zap.Reflect("r", v))
			return b.String()
		},
		"zap console": func(v any) string {
			var b strings.Builder
			zapTo(&b, zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig())).Sugar().Infow("call", "v", v)
			return b.String()
		},
		"zap sugared": func(v any) string {
			var b strings.Builder
			zapTo(&b, zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())).Sugar().Infof("call %+v", v)
			return b.String()
		},
		"zerolog": func(v any) string {
			var b strings.Builder
			log := zerolog.New(&b)
			log.Info().Interface("v", v).Any("a", v).Msgf("%+v", v)
			return b.String()
		},
		"logrus text": func(v any) string { return logrusWith(new(logrus.TextFormatter), v) },
		"logrus JSON": func(v any) string { return logrusWith(new(logrus.JSONFormatter), v) },
	}
}

func zapTo(b *strings.Builder, encoder zapcore.Encoder) *zap.Logger {
	return zap.New(zapcore.NewCore(encoder, zapcore.AddSync(b), zapcore.DebugLevel))
}

// logrusWith formats an entry by itself: a logger writes what goes wrong to standard
// error.
func logrusWith(formatter logrus.Formatter, v any) string {
	entry := logrus.New().WithField("v", v)
	entry.Message = fmt.Sprintf("call %v", v)
	line, err := formatter.Format(entry)
	return fmt.Sprint(string(line), err)
}
