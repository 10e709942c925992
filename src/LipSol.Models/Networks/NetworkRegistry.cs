using LipSol.Clips;
using LipSol.Models.Parameters;

namespace LipSol.Models.Networks;

/// <summary>The networks, by name.</summary>
public static class NetworkRegistry
{
    private static readonly Dictionary<string, Entry> Entries = new(StringComparer.Ordinal)
    {
        ["word-tcn"] = Entry.Of<WordTcnOptions>((options, input, classes) => new WordTcn(options, input, classes)),
        ["word-gru"] = Entry.Of<WordGruOptions>((options, input, classes) => new WordGru(options, input, classes)),
    };

    /// <summary>The names, in order.</summary>
    public static IReadOnlyList<string> Names => [.. Entries.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The parameters of the network's own; training's come on top (<see cref="Training.TrainingParameters"/>).</summary>
    /// <exception cref="InvalidParameterException">There is no such network.</exception>
    public static IReadOnlyList<KnownParameter> Parameters(string network) => Find(network).Known;

    /// <summary>The network's own parameters with defaults filled in.</summary>
    /// <exception cref="InvalidParameterException">There is no such network, or a value is wrong.</exception>
    public static IReadOnlyDictionary<string, string> Resolve(string network, IReadOnlyDictionary<string, string> parameters) => Find(network).Resolve(parameters);

    /// <summary>Creates a network with random weights (torch's generator).</summary>
    /// <param name="network">Its name.</param>
    /// <param name="parameters">Its parameters; names it doesn't know are left alone.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="classes">Number of words.</param>
    /// <exception cref="InvalidParameterException">There is no such network, or a value is wrong.</exception>
    public static WordNetwork Create(string network, IReadOnlyDictionary<string, string> parameters, InputSpec input, int classes) => Find(network).Create(parameters, input, classes);

    private static Entry Find(string network) => Entries.TryGetValue(network, out var entry)
        ? entry
        : throw new InvalidParameterException($"There is no network '{network}'. There are: {string.Join(", ", Names)}.");

    private sealed record Entry(
        IReadOnlyList<KnownParameter> Known,
        Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> Resolve,
        Func<IReadOnlyDictionary<string, string>, InputSpec, int, WordNetwork> Create)
    {
        public static Entry Of<T>(Func<T, InputSpec, int, WordNetwork> create) where T : class, new() => new(
            [.. ParameterBinder.Known<T>()],
            values => ParameterBinder.Values(ParameterBinder.Bind<T>(values)).ToDictionary(StringComparer.Ordinal),
            (values, input, classes) => create(ParameterBinder.Bind<T>(values), input, classes));
    }
}
