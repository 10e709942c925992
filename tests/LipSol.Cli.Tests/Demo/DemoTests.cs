using System.Text.Json;
using System.Text.Json.Nodes;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Demo;

/// <summary>`demo` as a process, at its small size: corpus, node, notebook, gate, summary.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    [Trait("Category", "Long")]
    public async Task The_demo_prints_its_summary_and_nothing_else_on_stdout_and_a_second_one_reuses_what_is_there()
    {
        var first = (await DemoAsync()).With(0);
        var summary = first.Document;
        Assert.Equal(["accuracy", "clips_refused", "frames_tracked", "onnx_max_abs_diff", "promoted", "runs", "samples", "seconds"], summary.EnumerateObject().Select(p => p.Name).Intersect(Asked).Order());
        Assert.InRange(summary.GetProperty("frames_tracked").GetDouble(), 0.99, 1);
        Assert.Equal(0, summary.GetProperty("clips_refused").GetInt32());
        Assert.Equal(["completed", "completed"], summary.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("status").GetString()));
        Assert.InRange(summary.GetProperty("onnx_max_abs_diff").GetDouble(), 0, 1e-4);
        foreach (var speakers in (string[])["seen", "unseen"]) Assert.InRange(summary.GetProperty("accuracy").GetProperty(speakers).GetDouble(), 0, 1);
        Assert.NotEmpty(summary.GetProperty("samples").EnumerateArray());
        Assert.All(summary.GetProperty("samples").EnumerateArray(), s =>
        {
            Assert.NotEmpty(s.GetProperty("expected").GetString()!);
            Assert.NotEmpty(s.GetProperty("text").GetString()!);
            Assert.InRange(s.GetProperty("confidence").GetDouble(), 0, 1);
        });
        Assert.True(summary.GetProperty("seconds").GetProperty("total").GetDouble() > 0);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(first.Output), JsonNode.Parse(await File.ReadAllTextAsync(Out("summary.json"), TestContext.Current.CancellationToken))), "summary.json is what was printed");

        // How it goes, and what it came to for people, is beside the document.
        foreach (var words in (string[])["[1/5]", "[5/5]", "drawing", "words read right", "the gate", "small demo"]) Assert.Contains(words, first.Errors);
        var notebook = JsonNode.Parse(await File.ReadAllTextAsync(Out("01-first-experiment.ipynb"), TestContext.Current.CancellationToken))!;
        Assert.DoesNotContain(notebook["cells"]!.AsArray().SelectMany(c => c!["outputs"]?.AsArray() ?? []), o => o!["output_type"]!.GetValue<string>() == "error");
        Assert.Contains("<html", await File.ReadAllTextAsync(Out("01-first-experiment.html"), TestContext.Current.CancellationToken));

        var second = (await DemoAsync()).With(0);
        Assert.Equal(Runs(summary), Runs(second.Document));
        var (before, after) = (Seconds(summary), Seconds(second.Document));
        Assert.True(after <= before / 2, $"the second took {after} s, the first {before} s");
    }

    private static readonly string[] Asked = ["frames_tracked", "clips_refused", "runs", "promoted", "accuracy", "samples", "onnx_max_abs_diff", "seconds"];

    private Task<Answer> DemoAsync() => LipSolProgram.RunAsync(scratch["data"], "demo", "--small", "--out", scratch["out"], "--json");

    private string Out(string name) => Path.Combine(scratch["out"], name);

    private static string[] Runs(JsonElement summary) => [.. summary.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("run").GetString()!)];

    private static double Seconds(JsonElement summary) => summary.GetProperty("seconds").GetProperty("total").GetDouble();
}
