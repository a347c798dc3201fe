"""Operations on tables that modules share. They work on the columns' own bytes where they can."""
