using System.Collections.Concurrent;
using System.Reflection;
using LipSol.Clips;
using LipSol.Models.Parameters;

namespace LipSol.Models.Networks;

/// <summary>The networks, by name: LipSol's own, and in a worker that trains one the network that a person wrote.</summary>
public static class NetworkRegistry
{
    private static readonly ConcurrentDictionary<string, Entry> Entries = new(StringComparer.Ordinal)
    {
        ["word-tcn"] = Entry.Of<WordTcnOptions>(NetworkTask.Word, (options, input, classes) => new WordTcn(options, input, classes)),
        ["word-gru"] = Entry.Of<LipNetOptions>(NetworkTask.Word, (options, input, classes) => new WordGru(options, input, classes)),
        ["char-tcn"] = Entry.Of<CharTcnOptions>(NetworkTask.Characters, (options, input, classes) => new CharTcn(options, input, classes)),
        ["char-gru"] = Entry.Of<LipNetOptions>(NetworkTask.Characters, (options, input, classes) => new CharGru(options, input, classes)),
    };

    /// <summary>The names, in order.</summary>
    public static IReadOnlyList<string> Names => [.. Entries.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What the network reads.</summary>
    /// <exception cref="InvalidParameterException">There is no such network.</exception>
    public static NetworkTask Task(string network) => Find(network).Task;

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
    /// <param name="classes">Number of words, or of letters with CTC's blank.</param>
    /// <exception cref="InvalidParameterException">There is no such network, or a value is wrong.</exception>
    public static Network Create(string network, IReadOnlyDictionary<string, string> parameters, InputSpec input, int classes) => Find(network).Create(parameters, input, classes);

    /// <summary>Adds a network that isn't LipSol's: for the rest of this process it's trained, read and exported by its name as the others are.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="network">A type that derives from <see cref="WordNetwork"/> or <see cref="SentenceNetwork"/>, with a public constructor of its options (a record whose properties carry <see cref="ParameterAttribute"/>, with a constructor of none), an <see cref="InputSpec"/> and the number of classes.</param>
    /// <exception cref="ArgumentException">The name is taken, or the type isn't such a one; the message says what it lacks.</exception>
    public static void Add(string name, Type network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!network.IsSubclassOf(typeof(WordNetwork)) && !network.IsSubclassOf(typeof(SentenceNetwork))) throw new ArgumentException($"{network.Name} derives from neither WordNetwork nor SentenceNetwork.");
        var constructor = Array.Find(network.GetConstructors(), c => c.GetParameters() is [var options, var input, var classes] && options.ParameterType is { IsClass: true } && input.ParameterType == typeof(InputSpec) && classes.ParameterType == typeof(int))
            ?? throw new ArgumentException($"{network.Name} has no public constructor ({network.Name}Options options, InputSpec input, int classes), by which it is made.");
        var ofOptions = constructor.GetParameters()[0].ParameterType;
        if (ofOptions.GetConstructor([]) is null) throw new ArgumentException($"{ofOptions.Name}, the options of {network.Name}, has no constructor without parameters, which gives the defaults.");
        var entry = (Entry)typeof(Entry).GetMethod(nameof(Entry.By))!.MakeGenericMethod(ofOptions).Invoke(null, [network.IsSubclassOf(typeof(WordNetwork)) ? NetworkTask.Word : NetworkTask.Characters, constructor])!;
        if (!Entries.TryAdd(name, entry)) throw new ArgumentException($"There is a network {name} already.");
    }

    private static Entry Find(string network) => Entries.TryGetValue(network, out var entry)
        ? entry
        : throw new InvalidParameterException($"There is no network '{network}'. There are: {string.Join(", ", Names)}.");

    private sealed record Entry(
        NetworkTask Task,
        IReadOnlyList<KnownParameter> Known,
        Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>> Resolve,
        Func<IReadOnlyDictionary<string, string>, InputSpec, int, Network> Create)
    {
        public static Entry Of<T>(NetworkTask task, Func<T, InputSpec, int, Network> create) where T : class, new() => new(
            task,
            [.. ParameterBinder.Known(new T())],
            values => ParameterBinder.Values(ParameterBinder.Bind(values, new T())).ToDictionary(StringComparer.Ordinal),
            (values, input, classes) => create(ParameterBinder.Bind(values, new T()), input, classes));

        public static Entry By<T>(NetworkTask task, ConstructorInfo constructor) where T : class, new() =>
            Of<T>(task, (options, input, classes) => (Network)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [options, input, classes], null));
    }
}
