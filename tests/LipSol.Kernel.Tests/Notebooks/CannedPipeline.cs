using System.Text.Json;

namespace LipSol.Kernel.Tests.Notebooks;

/// <summary>What a node answers of one pipeline: a run that goes on at the first look, and is over at the second.</summary>
internal static class CannedPipeline
{
    private static int s_looks;

    public static string? Registered { get; private set; }

    public static string List => $"[{Pipeline}]";

    public static string Answer(string path, string body)
    {
        if (path.Length == 0) Registered = JsonDocument.Parse(body).RootElement.GetProperty("definition").GetString();
        return path.Length == 0 ? Pipeline
            : path.EndsWith("/runs", StringComparison.Ordinal) ? Run("running", "running")
            : path.EndsWith("/history", StringComparison.Ordinal) ? $$"""{"entries":[{{Entry}}],"total":1}"""
            : Interlocked.Increment(ref s_looks) < 2 ? Run("running", "running") : Run("succeeded", "done");
    }

    private const string Picture = """{"text":"✔ clips","svg":"<svg xmlns='http://www.w3.org/2000/svg' class='canned-picture'></svg>"}""";

    private const string Entry = """{"number":1,"status":"succeeded","trigger":"hand","for":"2026-11-30T02:30:00Z","startedAt":"2026-11-30T02:30:00Z","endedAt":"2026-11-30T02:42:00Z","note":"digits version 1 is in production.","done":7}""";

    private const string Pipeline = $$"""{"name":"daily-digits","about":"Three readers.","definitionVersion":1,"definition":"","by":"sara","cron":"30 2 * * *","zone":"Asia/Karachi","next":"2026-11-30T21:30:00Z","nextTold":"2026-12-01 02:30 Asia/Karachi","picture":{{Picture}}}""";

    private static string Run(string status, string step) => $$"""
        {"pipeline":"daily-digits","number":1,"definitionVersion":1,"status":"{{status}}","trigger":"hand","day":"2026-11-30","startedAt":"2026-11-30T02:30:00Z","picture":{{Picture}},
         "steps":[{"name":"clips","title":"نئی ریکارڈنگ","kind":"prepare","status":"{{step}}","why":"It wasn't done before.","left":{"note":"24 clips, 24 of them new."},"startedAt":"2026-11-30T02:30:00Z"}]}
        """;
}
