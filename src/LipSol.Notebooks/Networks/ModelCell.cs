using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>What a kernel calls for a cell that begins with <c>#!model</c>: LipSol's own, and .NET Interactive through the package's script.</summary>
public static class ModelCell
{
    /// <summary>Sends a network to the node. What is wrong with it comes as lines and columns (from 1; 0: about the whole) with words; else the network as the node keeps it.</summary>
    /// <exception cref="LipSolException">The node can't be asked, or refuses: the message says why.</exception>
    public static async Task<(IReadOnlyList<(int Line, int Column, string Text)> Faults, object? Network)> SendAsync(LipSolClient client, string name, string corpus, string settings, string source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(settings);
        var parameters = settings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToArray();
        if (Array.Find(parameters, p => p.Length < 2) is [var alone]) throw new FormatException($"'{alone}' isn't name=value.");
        var answer = await client.Networks.AddAsync(new AddNetwork { Name = name, Corpus = corpus, Source = source, Parameters = parameters.ToDictionary(p => p[0], p => p[1]) }, cancellationToken).ConfigureAwait(false);
        return ([.. answer.Faults.Select(f => (f.Line, f.Column, $"error{(f.Code.Length > 0 ? " " + f.Code : "")}: {f.Message}"))], answer.Network);
    }
}
