namespace LipSol.Pipelines.Tests;

internal static class Examples
{
    public const string Daily = """
        pipeline: daily-digits
        about: Three readers of the ten digits, every night.
        schedule:
          cron: "30 2 * * *"
          zone: Asia/Karachi
          missed: once
        overlap: skip
        notices:
          - url: https://team.example/hooks/lipsol
            on: [failed, promoted, refused]
        steps:
          clips:
            kind: prepare
            title: نئی ریکارڈنگ
            corpus: digits
            layout: folder
            folder: /srv/recordings/digits
            retries: 2
            backoff: 1m
            timeout: 2h
          small:
            kind: train
            data: clips
            network: word-tcn
            set: { epochs: 8, width: 16 }
          wide:
            kind: train
            data: clips
            network: word-tcn
            set: { epochs: 8, width: 32 }
            seed: 2
          best:
            kind: choose
            from: [small, wide]
            metric: val_accuracy
          figures:
            kind: evaluate
            of: best
          gate:
            kind: gate
            candidate: best
            model: digits
            metric: word_accuracy
            threshold: 0.5
            confidence: 0.9
          production:
            kind: promote
            gate: gate
        """;

    /// <summary>A pipeline of bare train steps: each line <c>name: needs…</c>; a name that begins with g is a gate, with p a promotion, with c a choice of any.</summary>
    public static PipelineDefinition Of(params string[] lines) => new()
    {
        Name = "test",
        Steps = [.. lines.Select(line =>
        {
            (string name, string[] needs) = (line.Split(':')[0], line.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            return name[0] switch
            {
                'g' => new StepDefinition { Name = name, Kind = "gate", Settings = new Dictionary<string, StepSetting> { ["candidate"] = new() { Text = needs[0] } } },
                'p' => new StepDefinition { Name = name, Kind = "promote", Settings = new Dictionary<string, StepSetting> { ["gate"] = new() { Text = needs[0] } } },
                'c' => new StepDefinition { Name = name, Kind = "choose", Settings = new Dictionary<string, StepSetting> { ["from"] = new() { List = needs }, ["needs"] = new() { Text = "any" } } },
                _ => new StepDefinition { Name = name, Kind = "train", After = needs, Retries = name[0] == 'r' ? 1 : 0, Timeout = name[0] == 't' ? TimeSpan.FromMinutes(1) : null },
            };
        })],
    };
}
