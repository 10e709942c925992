using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LipSol.Cli.CommandLine;

/// <summary>All commands.</summary>
internal static class LipSolCommandLine
{
    public static RootCommand Build()
    {
        var root = new RootCommand("LipSol: the workshop for Urdu lip reading. From clips to a promoted model that answers.")
        {
            SharedOptions.Json,
            SharedOptions.Data,
        };
        root.Add(Demo.DemoCommand.Create());
        root.Add(Nodes.UpCommand.Create());
        root.Add(Nodes.NodesCommand.Create());
        root.Add(Access.TokensCommand.Create());
        root.Add(Clips.CropCommand.Create());
        root.Add(Corpora.CorpusCommand.Create());
        root.Add(Data.DataCommand.Create());
        root.Add(Runs.TrainCommand.Create());
        root.Add(Studies.CrossValidateCommand.Create());
        root.Add(Studies.LearningCurveCommand.Create());
        root.Add(Searches.SweepCommand.Create());
        root.Add(Pipelines.PipelineCommand.Create());
        root.Add(Runs.RunsCommand.Create());
        root.Add(Models.ModelsCommand.Create());
        root.Add(Models.EvaluateCommand.Create());
        root.Add(Models.TranscribeCommand.Create());
        root.Add(Notebooks.NotebookCommand.Create());
        root.Add(Bench.BenchCommand.Create());
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExampleHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary>Runs one command line and returns its exit status.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter? output = null, TextWriter? error = null, CancellationToken cancellationToken = default)
    {
        var parsed = Build().Parse(arguments);
        if (parsed.Action is ParseErrorAction) return UsageErrors.Tell(parsed, json: arguments.Contains("--json"), output ?? Console.Out, error ?? Console.Error);
        var configuration = new InvocationConfiguration
        {
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
            ProcessTerminationTimeout = parsed.CommandResult.Command is CliCommand { TakesSignals: true } ? null : TimeSpan.FromSeconds(30),
        };
        return await parsed.InvokeAsync(configuration, cancellationToken);
    }
}
