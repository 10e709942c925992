using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Contracts.Networks;
using LipSol.Silo.Access;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using LipSol.Silo.Node;

namespace LipSol.Silo.Networks;

/// <summary>Networks that people wrote, over HTTP.</summary>
internal static class NetworkEndpoints
{
    private const int MostCharacters = 256 * 1024;

    public static void MapNetworks(this IEndpointRouteBuilder api)
    {
        var networks = api.MapGroup("/networks").WithTags("Networks").Refuses(StatusCodes.Status404NotFound);
        networks.MapGet("", async (IGrainFactory grains) => (await Catalog(grains).ListAsync()).Select(ToMessage).ToArray())
            .WithSummary("The networks that people wrote, by name. LipSol's own aren't among them.").NeedsRead();
        networks.MapGet("/{name}", async (string name, IGrainFactory grains) => ToMessage(await Catalog(grains).FindAsync(name) ?? throw ApiException.NotFound($"Nobody has sent a network {name}.")))
            .WithSummary("A network that a person wrote. Its source is an artifact.").NeedsRead();
        networks.MapDelete("/{name}", async (string name, IGrainFactory grains) =>
        {
            if (!await Catalog(grains).RemoveAsync(name)) throw ApiException.NotFound($"Nobody has sent a network {name}.");
            return Results.NoContent();
        }).WithSummary("Takes a network's name away: no further run is started by it. Runs that were keep their source.").Produces(StatusCodes.Status204NoContent).NeedsRun();
        networks.MapPost("", AddAsync)
            .WithSummary("Compiles a network's source, tries it on a few real clips in a confined process, and takes it in where nothing is wrong: runs then name it. What is wrong is answered with its lines. It's code of a person that the cluster's workers run.")
            .Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests).NeedsRun();
    }

    private static async Task<NetworkAnswer> AddAsync(AddNetwork add, HttpContext context, IGrainFactory grains, NodeOptions node, CorpusLibrary corpora, NetworkTrials trials, FolderArtifactStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!node.Networks) throw new ApiException(StatusCodes.Status403Forbidden, "networks-off", $"Node {node.Name} takes no networks that people write: it was started with --networks off.");
        Names.Require(add.Name, "name");
        if (string.IsNullOrWhiteSpace(add.Source)) throw ApiException.BadRequest("The network has no source. Send a public class that derives from WordNetwork or SentenceNetwork.");
        if (add.Source.Length > MostCharacters) throw ApiException.BadRequest($"The source has {add.Source.Length} characters; at most {MostCharacters} are taken.");
        var (dataHash, _) = corpora.Get(add.Corpus);
        var found = await trials.TryAsync(add, dataHash, cancellationToken);
        var faults = found.Faults.Select(f => new NetworkFault(f.Line, f.Column, f.Code, f.Message)).ToArray();
        if (faults.Length > 0) return new NetworkAnswer { Faults = faults, Seconds = found.Seconds };
        var kept = await Catalog(grains).KeepAsync(new NetworkRecord
        {
            Name = add.Name,
            Source = await store.PutBytesAsync(System.Text.Encoding.UTF8.GetBytes(add.Source), cancellationToken),
            Reads = found.Reads,
            Parameters = [.. found.Parameters.Select(p => new Contracts.Networks.NetworkOption(p.Name, p.Meaning, p.Default))],
            WeightCount = found.WeightCount,
            OnnxMaxAbsDifference = found.OnnxMaxAbsDifference,
            Corpus = add.Corpus,
            DataHash = dataHash,
            CodeVersion = NodeVersion.Text,
            KeptAt = time.GetUtcNow(),
            KeptBy = Caller.Of(context).Name,
        });
        return new NetworkAnswer { Network = ToMessage(kept), Seconds = found.Seconds };
    }

    private static INetworkCatalogGrain Catalog(IGrainFactory grains) => grains.GetGrain<INetworkCatalogGrain>(0);

    private static UserNetwork ToMessage(NetworkRecord network) => new()
    {
        Name = network.Name,
        Source = network.Source,
        Reads = network.Reads,
        Parameters = [.. network.Parameters.Select(p => new Client.NetworkOption(p.Name, p.Meaning, p.Default))],
        WeightCount = network.WeightCount,
        OnnxMaxAbsDifference = network.OnnxMaxAbsDifference,
        Corpus = network.Corpus,
        DataHash = network.DataHash,
        CodeVersion = network.CodeVersion,
        KeptAt = network.KeptAt,
        KeptBy = network.KeptBy,
        Revision = network.Revision,
    };
}
