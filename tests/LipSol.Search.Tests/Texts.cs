namespace LipSol.Search.Tests;

internal static class Texts
{
    public const string Mixed = """
        name: mixed
        corpus: grid-digits
        network: word-tcn
        trials: 40
        objective: { metric: val_accuracy, goal: max }
        space:
          learning_rate: { float: [0.0003, 0.01], log: true, points: 3 }
          dropout: { float: [0, 0.5], step: 0.05 }
          hidden: { int: [32, 160], step: 32 }
          layers: { int: [1, 8], log: true }
          freeze: { choice: [none, visual] }
          freeze_epochs: { int: [1, 5], when: { freeze: visual } }
        """;
}
