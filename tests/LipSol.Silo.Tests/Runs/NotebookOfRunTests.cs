using System.Text;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Runs;

public sealed class NotebookOfRunTests
{
    [Fact]
    public async Task A_run_keeps_where_it_came_from_and_what_became_of_the_notebook()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var (origin, executed) = (node.Artifacts.PutBytes("{}"u8), node.Artifacts.PutBytes("executed"u8));
        // As a kernel tells it: with the very types that lie in the process.
        Func<byte[], CancellationToken, Task>? taker = null;
        var told = new Dictionary<string, object?> { ["notebook"] = "مشق.ipynb", ["packages"] = new Dictionary<string, string> { ["LipSol.Client"] = "0.1.0" }, ["executed"] = (Action<Func<byte[], CancellationToken, Task>>)(t => taker = t) };
        AppContext.SetData("LipSol.Notebook", (Func<IReadOnlyDictionary<string, object?>?>)(() => told));
        Run run;
        try
        {
            run = await node.Client.Runs.StartAsync(new StartRun { Network = "n", Corpus = TestNode.Corpus, RequestId = "once" });
        }
        finally
        {
            AppContext.SetData("LipSol.Notebook", null);
        }

        var kept = Encoding.UTF8.GetString(await node.Client.Artifacts.GetAsync(run.Artifacts["notebook.json"]));
        Assert.Contains("مشق.ipynb", kept);
        Assert.Contains("\"LipSol.Client\": \"0.1.0\"", kept);
        Assert.DoesNotContain("executed", kept);
        await taker!("whole"u8.ToArray(), TestContext.Current.CancellationToken);
        run = await node.Client.Runs.GetAsync(run.Id);
        Assert.Equal("whole", Encoding.UTF8.GetString(await node.Client.Artifacts.GetAsync(run.Artifacts["notebook.ipynb"])));
        Assert.Contains("notebook.json", run.Artifacts.Keys);

        // The same one again may bring what became of it; another one may not take its place.
        var own = run.Artifacts["notebook.json"];
        Assert.Equal(executed, (await node.Client.Runs.SetNotebookAsync(run.Id, new RunNotebook(own, executed))).Artifacts["notebook.ipynb"]);
        foreach (var foreign in new[] { new RunNotebook(origin, null), new RunNotebook(origin, executed), new RunNotebook(null, node.Artifacts.PutBytes("foreign"u8)) })
            Assert.Contains("isn't this one", (await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.SetNotebookAsync(run.Id, foreign))).Message);
        Assert.Equal((own, executed), (run.Artifacts["notebook.json"], (await node.Client.Runs.GetAsync(run.Id)).Artifacts["notebook.ipynb"]));
        var again = await node.Client.Runs.StartAsync(new StartRun { Network = "n", Corpus = TestNode.Corpus, RequestId = "once", Notebook = origin });
        Assert.Equal((run.Id, own), (again.Id, again.Artifacts["notebook.json"]));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.SetNotebookAsync(run.Id, new RunNotebook(new string('0', 32), null)));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Runs.SetNotebookAsync("none", new RunNotebook(origin, null)));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.StartAsync(new StartRun { Network = "n", Corpus = TestNode.Corpus, Notebook = "../etc" }));
        // A run that no notebook started has none.
        Assert.DoesNotContain("notebook.json", (await node.Client.Runs.StartAsync(new StartRun { Network = "n", Corpus = TestNode.Corpus })).Artifacts.Keys);
    }
}
