using System.Diagnostics;
using System.Text.Json;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Notebooks;
using LipSol.Cli.Workers;
using LipSol.Kernel.Notebooks;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Demo;

/// <summary>The demo's steps, in order, each timed.</summary>
internal sealed class DemoRun(Invocation call, string outFolder, DemoSettings settings)
{
    private const string Notebook = "notebooks/01-first-experiment.ipynb";
    private const int Steps = 5;
    private readonly Dictionary<string, double> seconds = [];
    private readonly Stopwatch all = Stopwatch.StartNew();

    public async Task<int> RunAsync()
    {
        Directory.CreateDirectory(outFolder);
        var notebook = ProjectFolder.Find(Notebook);

        Step(1, "an Urdu corpus of drawn speakers; and 2, its mouths, tracked and cropped");
        var corpus = (CorpusResult)await JobSession.RunAsync(call, new CorpusJob { DataFolder = call.SharedFolder, Name = settings.Corpus, Source = "synthetic", Options = settings.Synthesis }, "drawing");
        foreach (var (stage, took) in corpus.Seconds) seconds[stage] = Math.Round(took, 1);
        Corpora.CorpusReport.Describe(call, corpus);

        Step(3, "a node");
        var since = Stopwatch.StartNew();
        await using var node = await NodeSession.OpenAsync(call);
        seconds["node"] = Math.Round(since.Elapsed.TotalSeconds, 1);
        call.Terminal.Line(node.Started ? $"started on {call.DataFolder}" : $"one runs already: {node.Client.Url}");

        Step(4, $"{Notebook}: two runs, the gate, clips never seen{(settings.Controls ? ", two controls" : "")}");
        var results = await RunNotebookAsync(notebook, node);

        Step(Steps, "what came out");
        seconds["total"] = Math.Round(all.Elapsed.TotalSeconds, 1);
        var summary = DemoSummary.Of(corpus, results, seconds);
        await File.WriteAllTextAsync(Path.Combine(outFolder, "summary.json"), JsonSerializer.Serialize(summary, DemoSummary.Json) + "\n", call.Cancelled);
        DemoReport.Print(call.Terminal, corpus, results, seconds, outFolder);
        if (settings == DemoSettings.Small) call.Terminal.Line("This was the small demo: it shows that every step works. Its figures say nothing; `lipsol demo` has some that do.");
        if (call.Terminal.Json) call.Terminal.Document(summary);
        return ExitStatus.Done;
    }

    private async Task<NotebookResults> RunNotebookAsync(string notebook, NodeSession node)
    {
        // The notebook runs in this process and finds the node as any program does.
        Environment.SetEnvironmentVariable("LIPSOL_DATA", call.DataFolder);
        var resultsPath = Path.Combine(outFolder, "results.json");
        File.Delete(resultsPath);
        var name = Path.GetFileNameWithoutExtension(notebook);
        var since = Stopwatch.StartNew();
        var ran = await NotebookSession.RunAsync(call, new NotebookRunOptions
        {
            NotebookPath = notebook,
            Parameters = settings.NotebookParameters(resultsPath),
            OutputPath = Path.Combine(outFolder, name + ".ipynb"),
            HtmlPath = Path.Combine(outFolder, name + ".html"),
        }, node.Client);
        seconds["notebook"] = Math.Round(since.Elapsed.TotalSeconds, 1);
        if (ran.Failures is [var failure, ..])
            throw new CommandFailedException($"The notebook stopped at cell {failure.Cell} ({failure.Title}): {failure.Error.Message}\nIt is in {outFolder} as far as it came.");
        return NotebookResults.Read(resultsPath);
    }

    private void Step(int number, string what) => call.Terminal.Note($"[{number}/{Steps}] {what}");
}
