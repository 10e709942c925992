using System.CommandLine;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Models;
using LipSol.Corpus;
using LipSol.Silo.Node;

namespace LipSol.Cli.Data.Objects;

/// <summary>What the node has, as objects of versioned data: corpora, models and runs, as <c>data push</c> and <c>data pull</c> name them.</summary>
internal sealed class NodeObjects(string verb)
{
    private readonly Option<string[]> corpora = new("--corpus") { Description = $"A corpus to {verb}, by its name{(verb == "fetch" ? ", or the hash that `data push` told" : "")}; repeatable.", HelpName = "NAME" };
    private readonly Option<string[]> models = new("--model") { Description = $"A model version to {verb}{(verb == "fetch" ? ", or the hash that `data push` told: it becomes the model's next version" : "")}; repeatable.", HelpName = ModelArgument.Form };
    private readonly Option<string[]> runs = new("--run") { Description = verb == "fetch" ? "A run whose inputs to fetch; repeatable." : "A run to send, with its inputs and what it left; repeatable.", HelpName = "RUN" };

    public IReadOnlyList<Symbol> All => [corpora, models, runs];

    public bool AreNamed(Invocation call) => Corpora(call).Length + Models(call).Length + Runs(call).Length > 0;

    public string[] Corpora(Invocation call) => call.Value(corpora) ?? [];

    public string[] Models(Invocation call) => call.Value(models) ?? [];

    public string[] Runs(Invocation call) => call.Value(runs) ?? [];

    /// <summary>The store of the data folder, and its corpora.</summary>
    /// <exception cref="BadInputException">Paths were given as well; or there's no data folder here.</exception>
    public static CorpusCatalog Open(Invocation call, string[] paths)
    {
        if (paths.Length > 0) throw new BadInputException("Give paths, or --corpus, --model and --run: not both.");
        return new CorpusCatalog(call.SharedFolder);
    }

    /// <summary>The remote asked for: one of the repository here, or of the data folder's settings, or an address; without one, <c>LIPSOL_REMOTE</c>, else the repository's default.</summary>
    /// <exception cref="DvcException">There's none.</exception>
    public static ArtifactRemote Remote(Invocation call, string? repository, string? wanted)
    {
        var settings = Path.Combine(call.SharedFolder, "remote");
        if (wanted is null && Environment.GetEnvironmentVariable(NodeArguments.RemoteVariable) is { Length: > 0 } named) return ArtifactRemote.Open(settings, named);
        return DvcRepository.TryOpen(repository ?? Environment.CurrentDirectory) is { } opened ? ArtifactRemote.Open(opened, wanted) : ArtifactRemote.Open(settings, wanted);
    }
}

/// <summary>Something that was sent or fetched.</summary>
/// <param name="Kind"><c>corpus</c>, <c>model</c> or <c>run</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Hash">Of a corpus or model what names it elsewhere; of a run the hash of its corpus version.</param>
internal sealed record NodeObject(string Kind, string Name, string Hash);
