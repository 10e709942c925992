using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Kernel.Notebooks;

namespace LipSol.Cli.Notebooks;

/// <summary><c>notebook</c>: run, check and strip .NET Interactive notebooks without a front end.</summary>
internal static class NotebookCommand
{
    public static Command Create() =>
        new CliCommand("notebook", "Run, check and strip notebooks; be the kernel that Jupyter runs them with.", "lipsol notebook run notebooks/01-first-experiment.ipynb -p corpus=urdu-demo --html report.html")
            .With(Run(), Check(), Strip(), InstallCommand.Create(), KernelCommand.Create(), CellsCommand.Create());

    private static Command Run()
    {
        var file = new Argument<string>("FILE") { Description = "The notebook (.ipynb)." };
        var parameters = new Option<string[]>("--parameter", "-p") { Description = "A value for one of the notebook's parameters; may be given several times.", HelpName = "name=value", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string?>("--out") { Description = "Where the executed notebook goes (.ipynb).", HelpName = "FILE" };
        var html = new Option<string?>("--html") { Description = "Where the page goes: one file that needs no network.", HelpName = "FILE" };
        var junit = new Option<string?>("--junit") { Description = "Where a report for build servers goes: JUnit's XML, a test case for each cell.", HelpName = "FILE" };
        var failFast = new Option<bool>("--fail-fast") { Description = "End at the first cell that fails; without it the cells behind it run too." };
        var minutes = new Option<double>("--timeout") { Description = "Minutes that all cells together may take.", DefaultValueFactory = _ => 60 };
        var noLineage = new Option<bool>("--no-lineage") { Description = "Runs that it starts don't keep the notebook they came from (as LIPSOL_LINEAGE=off)." };
        var noNode = new Option<bool>("--no-node") { Description = "Start no node where none runs: the notebook needs none." };
        return new CliCommand("run", "Run a notebook from its first cell to its last. A node is started for it where none runs.",
                "lipsol notebook run notebooks/01-first-experiment.ipynb -p corpus=urdu-demo -p seed=7 --html report.html --out executed.ipynb")
            .With(file, parameters, output, html, junit, minutes, failFast, noLineage, noNode)
            .Does(async call =>
            {
                var path = Path.GetFullPath(call.Value(file));
                if (!File.Exists(path)) throw new BadInputException($"There is no notebook {path}.");
                if (!(call.Value(minutes) is > 0 and < 100_000)) throw new BadInputException("--timeout is a number of minutes above 0.");
                var values = KeyValues.Parse("-p", call.Value(parameters));
                // What can't be run needs no node.
                await RequireAsync(path, values, call.Cancelled);
                await using var node = call.Value(noNode) ? null : await NodeSession.OpenAsync(call);
                // The notebook finds the node as any program does.
                Environment.SetEnvironmentVariable("LIPSOL_DATA", call.DataFolder);
                if (call.Value(noLineage)) Environment.SetEnvironmentVariable("LIPSOL_LINEAGE", "off");
                var result = await NotebookSession.RunAsync(call, new NotebookRunOptions
                {
                    NotebookPath = path,
                    Parameters = values,
                    OutputPath = Absolute(call.Value(output)),
                    HtmlPath = Absolute(call.Value(html)),
                    JUnitPath = Absolute(call.Value(junit)),
                    FailFast = call.Value(failFast),
                    Timeout = TimeSpan.FromMinutes(call.Value(minutes)),
                    CellTimeout = TimeSpan.FromMinutes(call.Value(minutes)),
                }, node?.Client);
                foreach (var failure in result.Failures) call.Terminal.Error($"cell {failure.Cell} ({failure.Title}): {failure.Error.Name}: {failure.Error.Message}");
                call.Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{result.CellsRun} of {result.Cells} cells in {result.Elapsed.TotalSeconds:0.0} s, {result.Failures.Count} failed"));
                foreach (var written in new[] { call.Value(output), call.Value(html), call.Value(junit) }.OfType<string>()) call.Terminal.Line(Path.GetFullPath(written));
                if (call.Terminal.Json)
                {
                    call.Terminal.Document(new
                    {
                        cells = result.Cells,
                        run = result.CellsRun,
                        seconds = Math.Round(result.Elapsed.TotalSeconds, 2),
                        failures = result.Failures.Select(f => new { cell = f.Cell, title = f.Title, error = f.Error.Name, message = f.Error.Message }),
                        notebook = Absolute(call.Value(output)),
                        html = Absolute(call.Value(html)),
                        junit = Absolute(call.Value(junit)),
                    });
                }
                return result.Succeeded ? ExitStatus.Done : ExitStatus.Failed;
            });
    }

    private static Command Check()
    {
        var files = new Argument<string[]>("FILE") { Description = "Notebooks.", Arity = ArgumentArity.OneOrMore };
        var allow = new Option<string[]>("--allow") { Description = "A package that they may reference beside LipSol's; may be given several times.", HelpName = "PACKAGE" };
        return new CliCommand("check", "Whether notebooks are sound, stored without outputs, have their parameters tagged, and use only magics that the kernel knows and packages that are allowed; shows their parameters.",
            "lipsol notebook check notebooks/*.ipynb").With(files, allow).Does(async call =>
        {
            var packages = NotebookProblems.OwnPackages.Concat(call.Value(allow) ?? []).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var reports = new List<object>();
            var sound = true;
            foreach (var path in call.Value(files))
            {
                var (problems, parameters) = await ExamineAsync(path, packages, call.Cancelled);
                sound &= problems.Count == 0;
                reports.Add(new { path, problem = problems.FirstOrDefault(), problems, parameters = parameters.Select(p => new { name = p.Name, type = p.Type, @default = p.Default }) });
                if (problems.Count == 0) call.Terminal.Line($"ok  {path}");
                foreach (var problem in problems) call.Terminal.Line($"{path}: {problem}");
                foreach (var p in parameters) call.Terminal.Line($"      {p.Type} {p.Name} = {p.Default}");
            }
            if (call.Terminal.Json) call.Terminal.Document(new { notebooks = reports });
            return sound ? ExitStatus.Done : ExitStatus.BadInput;
        });
    }

    private static Command Strip()
    {
        var files = new Argument<string[]>("FILE") { Description = "Notebooks.", Arity = ArgumentArity.OneOrMore };
        return new CliCommand("strip", "Take outputs and execution counts out of notebooks, in place, as they are to be stored.", "lipsol notebook strip notebooks/*.ipynb").With(files).Does(async call =>
        {
            var stripped = new List<string>();
            foreach (var path in call.Value(files))
            {
                var notebook = await ReadAsync(path, call.Cancelled);
                if (!notebook.HasOutputs) continue;
                notebook.Strip();
                await notebook.WriteAsync(path, call.Cancelled);
                stripped.Add(path);
                call.Terminal.Line($"stripped {path}");
            }
            if (call.Terminal.Json) call.Terminal.Document(new { stripped });
            return ExitStatus.Done;
        });
    }

    private static async Task<(IReadOnlyList<string> Problems, IReadOnlyList<NotebookParameter> Parameters)> ExamineAsync(string path, IReadOnlySet<string> packages, CancellationToken cancellationToken)
    {
        try
        {
            var notebook = await ReadAsync(path, cancellationToken);
            return (NotebookProblems.Of(notebook, path, packages), NotebookParameters.Of(notebook));
        }
        catch (BadInputException e)
        {
            return ([e.Message], []);
        }
    }

    private static async Task RequireAsync(string path, IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        try
        {
            NotebookParameters.Require(await ReadAsync(path, cancellationToken), parameters);
        }
        catch (NotebookParameterException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    private static async Task<NotebookFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await NotebookFile.ReadAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is NotebookFormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    private static string? Absolute(string? path) => path is null ? null : Path.GetFullPath(path);
}
