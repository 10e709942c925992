namespace LipSol.Contracts;

/// <summary>The number of the messages that nodes send each other.</summary>
public static class ContractVersion
{
    /// <summary>
    /// Nodes of another number are not let into the cluster. Raised whenever a message or a grain's interface changes so that the version before would read it wrongly or not at all:
    /// the committed <c>OrleansContracts.txt</c> show every such change, and a test holds them against this number.
    /// </summary>
    public const int Current = 1;
}
